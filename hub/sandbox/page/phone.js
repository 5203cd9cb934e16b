// A customer's phone: whose, on which network, and what they write, send, press and react there.

import { bubble } from "/bubbles.js";
import { Composer } from "/composer.js";
import { Log } from "/draw.js";
import { alertBox, el, toast } from "/parts.js";
import { row } from "/rows.js";
import { act, look, refresh, talk } from "/talk.js";

const $ = (id) => document.getElementById(id);
export const NETWORKS = { telegram: "Telegram", slack: "Slack", messenger: "Messenger" };
const SHOP = { telegram: "bot", slack: "app", messenger: "page" };

export class Phone {
  // `go`: follow(url, side) leads to places on this page.
  constructor(go) {
    this.go = go;
    this.latest = new Map(); // the contact last shown, by network
    this.seen = new Map(); // the newest message that was looked at, by contact
    this.composer = new Composer($("phone-composer"), {
      send: async (wish, files) => (await this.do(wish, files)) !== null,
      lastOwn: () => this.phone.messages.findLast((message) => message.mine && !message.service && !message.whisper && !message.gone),
    });
    this.log = new Log($("phone-log"), this.#deeds());
    this.#listen();
  }

  get phone() { return talk.state.phone; }

  get contact() { return talk.state.contacts.find((one) => one.key === this.phone.key); }

  who() { return this.phone.person; }

  network() { return this.phone.network; }

  do(wish, files) {
    return act({ network: this.network(), who: this.who(), where: "phone", ...wish }, files);
  }

  #deeds() {
    return {
      network: () => this.network(),
      command: (words) => this.do({ verb: "say", text: words }),
      follow: (url) => this.go.follow(url, this),
      jump: (key) => this.log.show(key),
      press: (message, button) => this.#press(message, button),
      choose: (message, element, value) => this.do({ verb: "choose", message: message.id, action: element.action_id, text: value }),
      react: (message, emoji) => this.do({ verb: "react", message: message.id, text: emoji }),
      reply: (message) => this.composer.reply(message),
      edit: (message) => this.composer.edit(message),
      remove: (message) => this.do({ verb: "delete", message: message.id }),
      people: () => [],
    };
  }

  async #press(message, button) {
    const slack = this.network() === "slack";
    const name = button.callback_data || button.url || button.text;
    const done = await this.do({ verb: "press", message: message.id, whisper: message.whisper || 0,
      ...(slack ? { action: button.action_id } : { text: this.network() === "messenger" ? button.text : name }) });
    const url = done && (done.url || (slack && button.url));
    if (url && !this.go.follow(url, this)) window.open(url, "_blank", "noopener,noreferrer");
    if (done?.alert) alertBox(done.text);
    else toast(done?.text);
  }

  #listen() {
    $("block").addEventListener("click", async () => { await this.do({ verb: "block" }); refresh(); });
    $("begin").addEventListener("click", () => this.do({ verb: "begin" }));
    $("contact").addEventListener("change", () => {
      if ($("contact").value === "new") { $("contact").value = look.phone; $("newcomer").showModal(); return; }
      this.show($("contact").value);
    });
    $("newcomer").addEventListener("close", async () => {
      if ($("newcomer").returnValue !== "add") return;
      const network = this.network();
      const made = await act({ verb: "new_contact", network, text: $("newcomer").querySelector("input").value });
      if (made) this.show(`${network}:${made.id}`);
    });
  }

  show(key) {
    look.phone = key;
    return refresh();
  }

  // Of the contacts of a network, the one last shown.
  showNetwork(network) {
    const first = talk.state.contacts.find((one) => one.network === network);
    return this.show(this.latest.get(network) ?? first.key);
  }

  // -- drawing ----------------------------------------------------------------------------------------------------

  draw() {
    const [phone, contact, network] = [this.phone, this.contact, this.network()];
    look.phone = phone.key;
    this.latest.set(network, phone.key);
    $("phone").dataset.network = network;
    $("shop").textContent = talk.state.shop;
    $("shop-kind").textContent = SHOP[network];
    $("block").textContent = phone.blocked ? "Unblock the shop" : "Block the shop";
    $("phone-more").hidden = network === "slack";
    for (const node of document.querySelectorAll("[data-name=contact]")) node.textContent = contact.name;
    this.#options();
    const hint = phone.blocked ? "You have blocked the shop; writing unblocks it" : `Write as ${contact.name}`;
    const empty = `${contact.name} has not written yet. Say hello to the shop below.`;
    this.log.draw(`phone ${phone.key}`, phone.messages, empty, network === "slack" ? row : bubble);
    this.composer.place(`phone ${phone.key}`, phone.commands, phone.prompt, hint);
    this.#offers();
  }

  #options() {
    const same = talk.state.contacts.filter((one) => one.network === this.network());
    const alone = (one) => same.filter((other) => other.name === one.name).length === 1;
    const options = [...same.map((one) => [one.key, alone(one) ? one.name : one.full]), ["new", "New customer…"]];
    const said = JSON.stringify(options);
    if ($("contact").dataset.said !== said) {
      $("contact").replaceChildren(...options.map(([value, name]) => el("option", { value }, name)));
      $("contact").dataset.said = said;
    }
    $("contact").value = look.phone;
  }

  // What Messenger has under the newest message: replies to press, and what the shop does.
  #offers() {
    const { network, started, messages, replies = [], seen, typing } = this.phone;
    $("begin").hidden = network !== "messenger" || started;
    const own = messages.at(-1)?.mine;
    $("phone-note").textContent = typing ? `${talk.state.shop} is typing…` : seen && own ? "Seen" : "";
    const said = JSON.stringify(replies);
    if ($("replies").dataset.said === said) return;
    $("replies").dataset.said = said;
    $("replies").replaceChildren(...replies.map((title) =>
      el("button", { type: "button", onclick: () => this.do({ verb: "press", text: title }) }, title)));
  }

  // -- what is new ------------------------------------------------------------------------------------------------

  mark(looked) {
    for (const one of talk.state.contacts) if (!this.seen.has(one.key)) this.seen.set(one.key, this.known ? "" : one.last);
    this.known = true;
    if (looked) this.seen.set(look.phone, this.contact.last);
  }

  unread(network) {
    return talk.state.contacts.some((one) => (!network || one.network === network) && one.answered && this.seen.get(one.key) !== one.last);
  }
}
