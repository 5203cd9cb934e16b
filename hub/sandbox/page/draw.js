// Draws chats, and the list of topics. Only what changed is drawn anew; how a message looks is its network's manner.

import { avatar, clock, el } from "/parts.js";

export class Log {
  constructor(box, deeds) {
    this.box = box;
    this.deeds = deeds;
    this.drawn = new Map();
    this.place = "";
    this.low = true;
    this.manner = null;
    this.hidden = false; // what is drawn out of sight has no height yet
    box.addEventListener("keydown", (event) => this.#walk(event));
    box.addEventListener("load", () => this.#sink(), true); // pictures get their height late
  }

  #sink() {
    if (this.low) this.box.scrollTop = this.box.scrollHeight;
  }

  // `place` names what is shown: another one begins at its end. `manner(block, deeds)` draws a block.
  draw(place, messages, empty, manner) {
    const fresh = place !== this.place;
    this.manner = manner;
    this.low = fresh || this.hidden || this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 80;
    this.hidden = !this.box.clientHeight;
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
      const node = this.manner(block, this.deeds);
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

const PAUSE = 600; // seconds after which the sender is named again

// An album's parts, which are messages of their own, are one block.
function blocksOf(messages) {
  const blocks = [];
  let earlier = null;
  for (const message of messages) {
    const last = blocks[blocks.length - 1];
    if (message.album && last && last.album === message.album) { last.messages.push(message); continue; }
    const named = !message.service && !message.mine && (!earlier || earlier.service || earlier.from.id !== message.from.id);
    const apart = !earlier || earlier.from.id !== message.from.id || earlier.whisper !== message.whisper || message.at - earlier.at > PAUSE;
    blocks.push({ key: message.key, album: message.album || "", named, apart, messages: [message] });
    earlier = message;
  }
  return blocks;
}

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
