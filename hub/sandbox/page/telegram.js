// The agents' desk on Telegram: the group's topics, and the private chat with the hub's bot.

import { bubble } from "/bubbles.js";
import { Composer } from "/composer.js";
import { drawTopics, Log } from "/draw.js";
import { alertBox, avatar, el, toast } from "/parts.js";
import { act, look, refresh, talk } from "/talk.js";

const $ = (id) => document.getElementById(id);
const ABOUT = { home: "Nothing from here reaches a customer", topic: "What you write here goes to the customer", private: "private chat" };
const lastOf = (topic) => topic?.last?.id ?? 0;

export class TelegramDesk {
  constructor(go) {
    this.go = go;
    this.seen = new Map();
    this.composer = new Composer($("place-composer"), {
      send: async (wish, files) => (await this.do(wish, files)) !== null,
      lastOwn: () => talk.state.place.messages.findLast((message) => message.mine && !message.service && !message.whisper),
    });
    this.log = new Log($("place-log"), this.#deeds());
    $("back").addEventListener("click", () => $("telegram-desk").classList.remove("opened"));
    $("drop").addEventListener("click", async () => {
      if (await this.do({ verb: "delete_topic" })) toast("Deleted. When the customer writes again, the topic comes back with a transcript.");
    });
  }

  who() { return talk.state.agent; }

  do(wish, files) {
    return act({ who: this.who(), where: look.place, ...wish }, files);
  }

  #deeds() {
    return {
      network: () => "telegram",
      command: (words) => this.do({ verb: "say", text: words }),
      follow: (url) => this.go.follow(url, this),
      jump: (key) => this.log.show(key),
      press: (message, button) => this.#press(message, button),
      react: (message, emoji) => this.do({ verb: "react", message: message.id, text: emoji }),
      reply: (message) => this.composer.reply(message),
      edit: (message) => this.composer.edit(message),
      remove: (message) => this.do({ verb: "delete", message: message.id }),
    };
  }

  async #press(message, button) {
    const name = button.callback_data || button.url || button.text;
    const done = await this.do({ verb: "press", message: message.id, whisper: message.whisper, text: name });
    if (done?.url && !this.go.follow(done.url, this)) window.open(done.url, "_blank", "noopener,noreferrer");
    if (done?.alert) alertBox(done.text);
    else toast(done?.text);
  }

  async open(key, message) {
    look.place = key;
    $("telegram-desk").classList.add("opened");
    await refresh();
    if (message) this.log.show(`m${message}`);
    else if (matchMedia("(hover: hover)").matches) this.composer.field.focus();
  }

  // The topic of a contact; false where there is none.
  async openOf(contact) {
    const topics = talk.state.topics.filter((one) => one.key !== "1");
    const topic = topics.find((one) => one.name.includes(contact.full)) ?? topics.find((one) => one.name.includes(contact.name));
    if (topic) await this.open(topic.key);
    return Boolean(topic);
  }

  put(text) { this.composer.put(text); }

  // -- drawing ----------------------------------------------------------------------------------------------------

  draw() {
    const state = talk.state;
    look.place = state.place.key;
    const topic = this.#places().find((one) => one.key === look.place) ?? this.#places()[0];
    const kind = look.place === "1" ? "home" : look.place === "private" ? "private" : "topic";
    $("group").textContent = state.group.title;
    $("place-name").textContent = topic.name + (topic.closed ? " 🔒" : "");
    $("place-about").textContent = ABOUT[kind];
    const sign = kind === "topic" ? avatar(topic.name, topic.key) : el("span", { class: `avatar ${kind === "home" ? "general" : "shop"}` }, kind === "home" ? "#" : "🤖");
    sign.id = "place-avatar";
    $("place-avatar").replaceWith(sign);
    $("place-more").hidden = kind !== "topic";
    const key = `${look.place} ${this.who()}`;
    const agent = state.agents.find((one) => one.id === this.who());
    const hints = { home: "A command, such as /next", topic: `Answer as ${agent.name}, or //note, or /command`, private: "A command, such as /channel list" };
    this.log.draw(key, state.place.messages, "Nothing here yet.", bubble);
    const prompt = state.place.prompt?.thread === look.place ? state.place.prompt : null;
    this.composer.place(key, state.place.commands, prompt, hints[kind]);
  }

  #places() {
    const state = talk.state;
    const own = { key: "private", name: state.private.name, last: state.private.last, hint: "your private chat with the hub’s bot" };
    const topics = [...state.topics].sort((a, b) => (b.key === "1") - (a.key === "1") || lastOf(b) - lastOf(a));
    return [...topics, own];
  }

  // -- what is new ------------------------------------------------------------------------------------------------

  #fresh(topic) { return lastOf(topic) > (this.seen.get(topic.key) ?? 0); }

  mark(looked) {
    const list = this.#places();
    for (const topic of list) if (!this.seen.has(topic.key)) this.seen.set(topic.key, this.known ? 0 : lastOf(topic));
    this.known = true;
    if (looked) this.seen.set(look.place, lastOf(list.find((one) => one.key === look.place)));
    drawTopics($("topics"), list, look.place, (one) => this.#fresh(one), (place) => this.open(place));
  }

  unread() { return this.#places().some((topic) => this.#fresh(topic)); }
}
