// Small parts: elements, rich text, colours, times, messages to the person. Text from chats only ever becomes text nodes.

export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const COLOURS = 7;

export function avatar(name, id) {
  const signs = [...name.replace(/^[^\p{L}\p{N}]+/u, "")];
  return el("span", { class: `avatar c${Math.abs(Number(id)) % COLOURS}`, "aria-hidden": "true" }, signs[0]?.toUpperCase() || "#");
}

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function toast(text, wrong = false) {
  if (!text) return;
  const note = el("p", { class: wrong ? "wrong" : "" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 3000 + text.length * 45);
}

export function alertBox(text) {
  const box = document.getElementById("alert");
  box.querySelector("p").textContent = text;
  box.showModal();
}

// A menu that opens at the edge of what scrolls comes into sight.
export function inSight({ target }) {
  if (!target.open) return;
  const menu = target.lastElementChild;
  menu.classList.remove("leftward");
  const edge = (target.closest(".log") ?? document.documentElement).getBoundingClientRect().right;
  menu.classList.toggle("leftward", menu.getBoundingClientRect().right > edge);
  menu.scrollIntoView({ block: "nearest" });
}

// Tabs, which the arrow keys go along: those with `data-NAME-tab`.
export const tabs = (name) => [...document.querySelectorAll(`[data-${name}-tab]`)];

export function chooseBy(name, choose) {
  const all = tabs(name);
  for (const tab of all) {
    tab.addEventListener("click", () => choose(tab.dataset[`${name}Tab`]));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const there = all.filter((one) => !one.hidden);
      const next = there[(there.indexOf(tab) + step + there.length) % there.length];
      next.focus();
      next.click();
    });
  }
}

export function choose(tab, chosen) {
  tab.setAttribute("aria-selected", String(chosen));
  tab.tabIndex = chosen ? 0 : -1;
}

// -- rich text: `entities` as the network gives them, offsets in UTF-16 units, which is what JavaScript counts in ------

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote" };

export function rich(text, entities, deeds, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  let queue = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  while (queue.length) {
    const entity = queue.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (start >= end) continue;
    const inner = queue.filter((other) => other.offset < end);
    queue = queue.filter((other) => other.offset >= end);
    for (const other of inner) {
      const rest = other.offset + other.length - end;
      if (rest > 0) queue.unshift({ ...other, offset: end, length: rest });
    }
    if (start > at) nodes.push(text.slice(at, start));
    const node = wrap(entity, text.slice(start, end), deeds);
    node.append(...rich(text, inner, deeds, start, end));
    nodes.push(node);
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, words, deeds) {
  if (TAGS[entity.type]) return el(TAGS[entity.type]);
  switch (entity.type) {
    case "spoiler":
      return el("button", { type: "button", class: "spoiler", onclick: (event) => event.currentTarget.classList.add("seen") });
    case "text_link":
      return link(entity.url, deeds);
    case "url":
      return link(/^[a-z]+:/i.test(words) ? words : `http://${words}`, deeds);
    case "bot_command":
      return el("button", { type: "button", class: "inline", title: "A tap sends this command", onclick: () => deeds.command(words) });
    case "mention":
    case "text_mention":
      return el("span", { class: "mention" });
    default:
      return el("span", { class: "found" });
  }
}

function link(url, deeds) {
  if (/^tg:/i.test(url)) return el("span", { class: "mention" });
  if (!/^https?:\/\//i.test(url)) return el("span", { class: "found" });
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", onclick: (event) => {
    if (deeds.follow(url)) event.preventDefault();
  } });
}
