// The agents' desk on Slack: a channel of cards, the threads on them, the hub's app with its Home, and its dialogs.

import { drawBlocks } from "/blocks.js";
import { Composer } from "/composer.js";
import { Log } from "/draw.js";
import { Modal } from "/modal.js";
import { choose, chooseBy, el, tabs, toast } from "/parts.js";
import { row } from "/rows.js";
import { act, look, refresh, talk } from "/talk.js";

const $ = (id) => document.getElementById(id);

export class SlackDesk {
  constructor(go) {
    this.go = go;
    this.seen = {};
    this.modal = new Modal($("modal"), { ...this.#inView(),
      submit: (values) => this.do({ verb: "submit", values }), close: () => this.do({ verb: "close" }) });
    const last = (list) => list?.findLast((message) => message.mine && !message.whisper && !message.gone);
    this.main = this.#pane("spot", { where: () => look.spot || "channel", thread: () => "",
      lastOwn: () => last(this.slack.messages), open: (message) => this.open(message.id) });
    this.side = this.#pane("thread", { where: () => "channel", thread: () => look.thread, lastOwn: () => last(this.slack.thread?.messages) });
    chooseBy("spot", (spot) => this.#turn(spot));
    $("thread-close").addEventListener("click", () => { look.thread = ""; refresh(); });
  }

  get slack() { return talk.state.slack; }

  who() { return this.slack.member; }

  do(wish) { return act({ network: "slack", who: this.who(), ...wish }); }

  // A column of messages with a line to type in: the channel (or the app), and the thread beside it.
  #pane(name, { where, thread, lastOwn, open }) {
    const send = (wish, files) => act({ network: "slack", who: this.who(), where: where(), thread: thread(), ...wish }, files);
    const composer = new Composer($(`${name}-composer`), { send: async (wish, files) => (await send(wish, files)) !== null, lastOwn });
    const at = (message) => ({ network: "slack", who: this.who(), where: where(), message: message.id });
    const log = new Log($(`${name}-log`), {
      network: () => "slack",
      follow: (url) => this.go.follow(url, this),
      press: (message, element) => this.#await(message, this.#press({ ...at(message), verb: "press", action: element.action_id }, element)),
      choose: (message, element, value) => this.#await(message, act({ ...at(message), verb: "choose", action: element.action_id, text: value })),
      react: (message, emoji) => act({ ...at(message), verb: "react", text: emoji }),
      edit: (message) => composer.edit(message),
      remove: (message) => act({ ...at(message), verb: "delete" }),
      shortcut: (message, id) => act({ ...at(message), verb: "shortcut", action: id }),
      shortcuts: () => this.slack.shortcuts,
      people: () => this.slack.people,
      open: open && ((message) => (where() === "channel" ? open(message) : toast("Threads are on the desk’s channel."))),
    });
    return { composer, log };
  }

  // What the app answers to a card alone stands in its thread, which is then opened.
  #await(message, deed) {
    this.awaited = message;
    return deed;
  }

  #answered() {
    const card = this.slack.messages.find((message) => message.id === this.awaited?.id);
    if (!card || card.alone <= this.awaited.alone) return;
    this.awaited = null;
    this.open(card.id);
  }

  // What is pressed in an open dialog, or in the App Home.
  #inView() {
    return {
      follow: (url) => this.go.follow(url, this),
      press: (element) => this.#press({ network: "slack", who: this.who(), where: "view", verb: "press", action: element.action_id }, element),
      choose: (element, value) => this.do({ where: "view", verb: "choose", action: element.action_id, text: value }),
      people: () => this.slack.people,
    };
  }

  async #press(wish, element) {
    const done = await act(wish);
    if (done && element.url && !this.go.follow(element.url, this)) window.open(element.url, "_blank", "noopener,noreferrer");
  }

  async #turn(spot) {
    look.spot = spot;
    $("slack-desk").classList.remove("opened");
    if (spot === "home") await this.do({ verb: "open_home" });
    await refresh();
  }

  async open(ts, message) {
    look.thread = ts;
    look.spot = "channel";
    await refresh();
    if (message) this.side.log.show(`m${message}`);
    else if (matchMedia("(hover: hover)").matches) this.side.composer.field.focus();
  }

  // The thread of a contact; false where there is none.
  async openOf(contact) {
    const spot = look.spot;
    look.spot = "channel";
    if (spot !== "channel") await refresh();
    const cards = this.slack.messages.filter((message) => message.from.bot && !message.whisper && message.replies);
    const card = cards.findLast((message) => message.text.includes(contact.full)) ?? cards.findLast((message) => message.text.includes(contact.name));
    if (card) await this.open(card.id);
    return Boolean(card);
  }

  put(text) { this.side.composer.put(text); }

  // True where the address leads to this desk.
  follow(url) {
    const found = /\/archives\/(\w+)\/p(\d{10})(\d{6})(?:\?.*?thread_ts=([\d.]+))?/.exec(url);
    if (!this.slack || found?.[1] !== this.slack.link.channel) return false;
    const ts = `${found[2]}.${found[3]}`;
    this.open(found[4] ?? ts, found[4] ? ts : undefined);
    return true;
  }

  // -- drawing ----------------------------------------------------------------------------------------------------

  draw() {
    const slack = this.slack;
    look.spot = slack.spot;
    look.thread = slack.thread?.ts ?? "";
    $("team").textContent = slack.team;
    $("spot-channel").textContent = `# ${slack.channel}`;
    $("spot-direct").textContent = slack.app;
    for (const tab of tabs("spot")) choose(tab, tab.dataset.spotTab === slack.spot);
    $("slack-desk").classList.toggle("opened", Boolean(slack.thread));
    const home = slack.spot === "home";
    $("home").hidden = !home;
    $("spot-log").hidden = $("spot-composer").hidden = home;
    if (home) this.#home(slack.home);
    else this.#main(slack);
    this.#side(slack);
    this.modal.draw(slack.modal);
    this.#answered();
  }

  #main(slack) {
    const key = `${slack.spot} ${slack.member}`;
    const hint = slack.spot === "channel" ? "To the team, or /hub and a command" : "To the hub: /hub help";
    this.main.log.draw(key, slack.messages, slack.spot === "channel" ? "No customer has written yet." : "Nothing here yet.", row);
    this.main.composer.place(key, slack.commands, null, hint);
  }

  #side(slack) {
    const thread = slack.thread;
    $("thread-about").textContent = thread?.title ?? "";
    $("thread-composer").hidden = $("thread-close").hidden = !thread;
    const name = talk.state.agents.find((one) => one.id === talk.state.agent).name;
    this.side.log.draw(`${thread?.ts} ${slack.member}`, thread?.messages ?? [], "Open a thread on the left: each customer has one.", row);
    this.side.composer.place(`thread ${thread?.ts} ${slack.member}`, [], null, `Answer as ${name}, or //note, or !command`);
  }

  #home(view) {
    const said = JSON.stringify(view);
    if ($("home").dataset.said === said) return;
    $("home").dataset.said = said;
    $("home").replaceChildren(...(view ? drawBlocks(view.blocks, this.#inView()) : [el("p", { class: "empty" }, "The app shows nothing here yet.")]));
  }

  // -- what is new ------------------------------------------------------------------------------------------------

  mark(looked) {
    const { channel, direct } = this.slack.last;
    if (!this.seen.channel || (looked && look.spot === "channel")) this.seen.channel = channel;
    if (this.seen.direct === undefined || (looked && look.spot === "direct")) this.seen.direct = direct;
    for (const tab of tabs("spot")) tab.classList.toggle("fresh", this.#fresh(tab.dataset.spotTab));
  }

  #fresh(spot) { return spot in this.seen && this.seen[spot] !== this.slack.last[spot]; }

  unread() { return this.#fresh("channel") || this.#fresh("direct"); }
}
