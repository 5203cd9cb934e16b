// Messages as bubbles: how Telegram and Messenger show them.

import { clock, el, rich, size } from "/parts.js";

const FACES = { telegram: ["👍", "❤", "😁", "🔥", "🎉", "😢"], messenger: ["❤", "😆", "😮", "😢", "😠", "👍"] };

export function bubble(block, deeds) {
  const first = block.messages[0];
  if (first.service) return el("p", { class: "service", "data-keys": first.key }, first.service);
  const told = block.messages.find((message) => message.text) ?? first;
  const names = ["block", first.mine ? "mine" : "", first.whisper ? "whisper" : "", first.from.bot ? "bot" : ""];
  const buttons = first.buttons.length > 0 && keyboard(first, deeds);
  return el("article", { class: names.join(" "), tabIndex: -1, "data-keys": block.messages.map((m) => m.key).join(" ") },
    el("div", { class: `bubble ${first.media && !told.text ? "bare" : ""}` },
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

export function picture(media) {
  const src = `/api/file/${media.file.split("/").map(encodeURIComponent).join("/")}`;
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
  const faces = el("span", { class: "faces", hidden: true }, ...FACES[deeds.network()].map((emoji) =>
    tool(emoji, `React with ${emoji}`, () => deeds.react(first, own === emoji ? "" : emoji))));
  return el("span", { class: "tools" }, faces,
    tool("☺", "React", () => { faces.hidden = !faces.hidden; }),
    tool("↩", "Reply", () => deeds.reply(first)),
    first.mine ? tool("✎", "Edit", () => deeds.edit(told)) : null,
    first.mine ? tool("🗑", "Delete", () => deeds.remove(first)) : null);
}

export const tool = (sign, label, onclick) => el("button", { type: "button", title: label, "aria-label": label, onclick }, sign);
