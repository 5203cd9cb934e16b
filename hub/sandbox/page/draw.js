// Draws chats: blocks of messages with what hangs on them, and the list of topics. Only what changed is drawn anew.

import { avatar, clock, el, rich, size } from "/parts.js";

const EMOJIS = ["👍", "❤", "😁", "🔥", "🎉", "😢"];

export class Log {
  constructor(box, deeds) {
    this.box = box;
    this.deeds = deeds;
    this.drawn = new Map();
    this.place = "";
    this.low = true;
    box.addEventListener("keydown", (event) => this.#walk(event));
    box.addEventListener("load", () => this.#sink(), true); // pictures get their height late
  }

  #sink() {
    if (this.low) this.box.scrollTop = this.box.scrollHeight;
  }

  // `place` names what is shown: another one begins at its end.
  draw(place, messages, empty) {
    const fresh = place !== this.place;
    this.low = fresh || this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 80;
    if (fresh) this.#clear();
    this.place = place;
    const blocks = blocksOf(messages);
    const wanted = new Set(blocks.map((block) => block.key));
    for (const [key, entry] of this.drawn) if (!wanted.has(key)) { entry.node.remove(); this.drawn.delete(key); }
    let before = null;
    for (const block of blocks) before = this.#put(block, before);
    this.#empty(blocks.length ? "" : empty);
    this.#sink();
  }

  #clear() {
    this.drawn.clear();
    this.box.replaceChildren();
  }

  #put(block, before) {
    const said = JSON.stringify(block);
    let entry = this.drawn.get(block.key);
    if (!entry || entry.said !== said) {
      const node = drawBlock(block, this.deeds);
      const had = entry && entry.node.contains(document.activeElement);
      entry?.node.replaceWith(node);
      entry = { said, node };
      this.drawn.set(block.key, entry);
      if (had) node.focus();
    }
    const next = before ? before.nextSibling : this.box.firstChild;
    if (next !== entry.node) this.box.insertBefore(entry.node, next);
    return entry.node;
  }

  #empty(text) {
    this.box.querySelector(".empty")?.remove();
    if (text) this.box.append(el("p", { class: "empty" }, text));
  }

  show(key) {
    const node = this.box.querySelector(`[data-keys~="${CSS.escape(key)}"]`);
    if (!node) return false;
    this.low = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("lit");
    void node.offsetWidth;
    node.classList.add("lit");
    return true;
  }

  // Arrow keys go from message to message; Tab then reaches what can be done with it.
  #walk(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    if (event.target !== this.box && !event.target.classList.contains("block")) return;
    const all = [...this.box.querySelectorAll(".block")];
    const at = all.indexOf(event.target);
    const next = event.key === "ArrowUp" ? (at < 0 ? all.length - 1 : at - 1) : at + 1;
    if (at < 0 && event.key === "ArrowDown") return;
    all[next]?.focus();
    event.preventDefault();
  }
}

// An album's parts, which are messages of their own, are one block.
function blocksOf(messages) {
  const blocks = [];
  let earlier = null;
  for (const message of messages) {
    const last = blocks[blocks.length - 1];
    if (message.album && last && last.album === message.album) { last.messages.push(message); continue; }
    const named = !message.service && !message.mine && (!earlier || earlier.service || earlier.from.id !== message.from.id);
    blocks.push({ key: message.key, album: message.album || "", named, messages: [message] });
    earlier = message;
  }
  return blocks;
}

function drawBlock(block, deeds) {
  const first = block.messages[0];
  if (first.service) return el("p", { class: "service", "data-keys": first.key }, first.service);
  const told = block.messages.find((message) => message.text) ?? first;
  const names = ["block", first.mine ? "mine" : "", first.whisper ? "whisper" : "", first.from.bot ? "bot" : ""];
  const buttons = first.buttons.length > 0 && keyboard(first, deeds);
  return el("article", { class: names.join(" "), tabIndex: -1, "data-keys": block.messages.map((m) => m.key).join(" ") },
    el("div", { class: "bubble" },
      first.whisper ? el("small", { class: "alone" }, "👁 Only you see this") : null,
      block.named ? el("b", { class: `name n${Math.abs(first.from.id) % 7}` }, first.from.name) : null,
      first.forwarded ? el("small", { class: "forwarded" }, `Forwarded from ${first.forwarded}`) : null,
      first.reply ? answered(first.reply, deeds) : null,
      pictures(block.messages),
      el("div", { class: "words" }, ...(told.text ? rich(told.text, told.entities, deeds) : [first.what]),
        el("small", { class: "at" }, first.pinned ? "📌 " : "", told.edited ? "edited " : "", clock(first.at))),
      tools(first, told, deeds)),
    buttons || null,
    ...block.messages.map((message) => reactions(message, deeds)));
}

function answered(reply, deeds) {
  return el("button", { type: "button", class: "answered", onclick: () => deeds.jump(reply.key) },
    el("b", {}, reply.name), el("span", {}, reply.text));
}

function pictures(messages) {
  const shown = messages.filter((message) => message.media);
  if (!shown.length) return null;
  return el("div", { class: `media many${Math.min(shown.length, 3)}` }, ...shown.map((message) => picture(message.media)));
}

function picture(media) {
  const src = `/api/file/${encodeURIComponent(media.file)}`;
  if (media.kind === "photo" || media.kind === "sticker") {
    return el("a", { href: src, target: "_blank", rel: "noopener" }, el("img", { src, alt: media.kind, class: media.kind }));
  }
  if (media.kind === "video" || media.kind === "video_note" || media.kind === "animation") {
    return el("video", { src, controls: true, preload: "metadata", title: media.name });
  }
  if (media.kind === "voice" || media.kind === "audio") return el("audio", { src, controls: true, preload: "metadata", title: media.name });
  return el("a", { href: src, download: media.name, class: "file" }, `📄 ${media.name}`, el("small", {}, ` ${size(media.size)}`));
}

function keyboard(message, deeds) {
  const rows = message.buttons.map((row) => el("div", { class: "row" }, ...row.map((button) =>
    el("button", { type: "button", title: button.url || "", onclick: async (event) => {
      const pressed = event.currentTarget;
      pressed.classList.add("pending");
      await deeds.press(message, button);
      pressed.classList.remove("pending");
    } }, button.text, button.url ? el("i", { "aria-hidden": "true" }, " ↗") : null))));
  return el("div", { class: "keys" }, ...rows);
}

function reactions(message, deeds) {
  if (!message.reactions || !message.reactions.length) return null;
  return el("div", { class: "reactions" }, ...message.reactions.map((one) =>
    el("button", { type: "button", class: one.mine ? "own" : "", title: `${one.by} reacted`,
      onclick: () => deeds.react(message, one.mine ? "" : one.emoji) }, one.emoji, el("small", {}, ` ${one.by}`))));
}

function tools(first, told, deeds) {
  if (first.whisper) return el("span", { class: "tools" }, tool("↩", "Reply", () => deeds.reply(first)));
  const own = first.reactions.find((one) => one.mine)?.emoji;
  const faces = el("span", { class: "faces", hidden: true }, ...EMOJIS.map((emoji) =>
    tool(emoji, `React with ${emoji}`, () => deeds.react(first, own === emoji ? "" : emoji))));
  return el("span", { class: "tools" }, faces,
    tool("☺", "React", () => { faces.hidden = !faces.hidden; }),
    tool("↩", "Reply", () => deeds.reply(first)),
    first.mine ? tool("✎", "Edit", () => deeds.edit(told)) : null,
    first.mine ? tool("🗑", "Delete", () => deeds.remove(first)) : null);
}

const tool = (sign, label, onclick) => el("button", { type: "button", title: label, "aria-label": label, onclick }, sign);

// -- topics ---------------------------------------------------------------------------------------------------------

export function drawTopics(list, topics, here, unread, open) {
  const focused = document.activeElement?.closest("#topics li")?.dataset.key;
  list.replaceChildren(...topics.map((topic) => el("li", { "data-key": topic.key },
    el("button", { type: "button", "aria-current": topic.key === here ? "true" : undefined, onclick: () => open(topic.key) },
      sign(topic),
      el("span", { class: "line" }, el("b", {}, topic.name, topic.closed ? " 🔒" : ""), el("small", {}, topic.last ? clock(topic.last.at) : "")),
      el("span", { class: "line" }, el("span", { class: "last" }, preview(topic)),
        unread(topic) ? el("i", { class: "dot", title: "New messages" }) : null)))));
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"] button`)?.focus();
}

function sign(topic) {
  if (topic.key === "1") return el("span", { class: "avatar general", "aria-hidden": "true" }, "#");
  if (topic.key === "private") return el("span", { class: "avatar shop", "aria-hidden": "true" }, "🤖");
  return avatar(topic.name, topic.key);
}

function preview(topic) {
  if (!topic.last) return topic.hint ?? "";
  return (topic.last.who ? `${topic.last.who}: ` : "") + topic.last.text;
}
