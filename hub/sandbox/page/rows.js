// Messages as rows: how Slack shows them, with blocks, reactions, and the threads that hang on them.

import { drawBlocks } from "/blocks.js";
import { picture, tool } from "/bubbles.js";
import { avatar, clock, el, inSight } from "/parts.js";

const FACES = ["👍", "✅", "👀", "❤", "🎉", "🙏"];

export function row(block, deeds) {
  const message = block.messages[0];
  const names = ["block", "post", message.whisper ? "whisper" : "", block.apart ? "apart" : "", message.mine ? "own" : ""];
  return el("article", { class: names.join(" "), tabIndex: -1, "data-keys": message.key },
    block.apart ? avatar(message.from.name, hash(message.from.id)) : el("small", { class: "when" }, clock(message.at)),
    el("div", { class: "said" },
      message.whisper ? el("small", { class: "alone" }, "👁 Only visible to you") : null,
      block.apart ? head(message) : null,
      ...words(message, deeds),
      message.files.length ? el("div", { class: "media" }, ...message.files.map(file)) : null,
      reactions(message, deeds),
      replies(message, deeds)),
    message.gone ? null : tools(message, deeds));
}

const hash = (id) => [...String(id)].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 9973, 7);

function head(message) {
  return el("p", { class: "head" }, el("b", {}, message.from.name), message.from.bot ? el("i", { class: "app" }, "APP") : null,
    el("small", {}, clock(message.at)));
}

function words(message, deeds) {
  const own = { ...deeds, press: (element) => deeds.press(message, element), choose: (element, value) => deeds.choose(message, element, value) };
  const drawn = drawBlocks(message.blocks, own);
  const last = drawn.findLast((node) => node.matches(".words"));
  if (message.edited && last) (last.lastElementChild ?? last).append(el("small", {}, " (edited)"));
  return drawn;
}

const file = (one) => (one.kind === "gone" ? el("small", {}, one.name) : picture(one));

function reactions(message, deeds) {
  if (!message.reactions.length) return null;
  return el("div", { class: "reactions" }, ...message.reactions.map((one) =>
    el("button", { type: "button", class: one.mine ? "own" : "", title: `${one.by}: :${one.name}:`, "aria-pressed": String(one.mine),
      onclick: () => deeds.react(message, one.name, one.mine) }, one.emoji, el("small", {}, ` ${one.count}`))));
}

function replies(message, deeds) {
  if (!deeds.open || !(message.replies || message.alone)) return null;
  const { count = 0, latest, users = [] } = message.replies ?? {};
  return el("button", { type: "button", class: "replies", onclick: () => deeds.open(message) },
    ...users.map((one) => avatar(one.name, hash(one.id))), el("b", {}, `${count} ${count === 1 ? "reply" : "replies"}`),
    latest ? el("small", {}, `last at ${clock(latest)}`) : null,
    message.alone ? el("small", { class: "alone" }, `👁 ${message.alone} only for you`) : null);
}

function tools(message, deeds) {
  if (message.whisper) return null;
  const faces = el("span", { class: "faces", hidden: true }, ...FACES.map((emoji) =>
    tool(emoji, `React with ${emoji}`, () => deeds.react(message, emoji, message.reactions.some((one) => one.mine && one.emoji === emoji)))));
  return el("span", { class: "tools" }, faces,
    tool("☺", "React", () => { faces.hidden = !faces.hidden; }),
    deeds.open ? tool("💬", "Open the thread", () => deeds.open(message)) : null,
    message.mine ? tool("✎", "Edit", () => deeds.edit(message)) : null,
    message.mine ? tool("🗑", "Delete", () => deeds.remove(message)) : null,
    shortcuts(message, deeds));
}

// What an app has put into the menu of every message.
function shortcuts(message, deeds) {
  const found = deeds.shortcuts?.() ?? [];
  if (!found.length) return null;
  return el("details", { class: "more", ontoggle: inSight }, el("summary", { "aria-label": "Shortcuts of apps", title: "Shortcuts of apps" }, "⋮"),
    el("div", {}, ...found.map((one) => el("button", { type: "button", onclick: () => deeds.shortcut(message, one.id) }, one.name))));
}
