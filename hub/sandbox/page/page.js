// The page: a customer's phone on the left, the agents' desks on the right, and how one goes from one to another.

import { choose, chooseBy, el, tabs, toast } from "/parts.js";
import { NETWORKS, Phone } from "/phone.js";
import { SlackDesk } from "/slack.js";
import { act, follow, look, opening, refresh, remember, talk } from "/talk.js";
import { TelegramDesk } from "/telegram.js";

const $ = (id) => document.getElementById(id);
const go = { follow: followLink };
const phone = new Phone(go);
const desks = { telegram: new TelegramDesk(go), slack: new SlackDesk(go) };
const wide = matchMedia("(min-width: 761px)");
const desk = () => desks[look.desk];
const shows = (side) => !document.hidden && (wide.matches || document.body.dataset.side === side);

// -- drawing ------------------------------------------------------------------------------------------------------------

talk.gone = (gone) => { $("gone").hidden = !gone; };

talk.draw = () => {
  const state = talk.state;
  look.agent = String(state.agent);
  if (!state.slack || look.desk !== "slack") look.desk = "telegram";
  phone.draw();
  drawAgents();
  for (const [name, one] of Object.entries(desks)) {
    $(`${name}-desk`).hidden = name !== look.desk;
    if (name === "slack" && !state.slack) continue;
    one.draw();
    one.mark(name === look.desk && shows("desk"));
  }
  phone.mark(shows("phone"));
  remember();
  drawTabs();
};

function drawAgents() {
  const said = JSON.stringify([talk.state.agents, look.agent]);
  if ($("agents").dataset.said === said) return;
  $("agents").dataset.said = said;
  $("agents").replaceChildren(el("legend", {}, "You act as"), ...talk.state.agents.map((one) => el("label", {},
    el("input", { type: "radio", name: "agent", value: String(one.id), checked: String(one.id) === look.agent,
      onchange: () => { look.agent = String(one.id); refresh(); } }), el("span", {}, one.name))));
}

function drawTabs() {
  const present = new Set(talk.state.contacts.map((one) => one.network));
  $("networks").hidden = present.size < 2;
  $("desks").hidden = !talk.state.slack;
  for (const tab of tabs("network")) {
    tab.hidden = !present.has(tab.dataset.networkTab);
    mark(tab, tab.dataset.networkTab === phone.network(), phone.unread(tab.dataset.networkTab));
  }
  for (const tab of tabs("desk")) {
    const one = desks[tab.dataset.deskTab];
    mark(tab, tab.dataset.deskTab === look.desk, Boolean(one !== desks.slack || talk.state.slack) && one.unread());
  }
  const fresh = { phone: phone.unread(), desk: desks.telegram.unread() || Boolean(talk.state.slack && desks.slack.unread()) };
  for (const tab of tabs("side")) mark(tab, tab.dataset.sideTab === document.body.dataset.side, fresh[tab.dataset.sideTab]);
}

function mark(tab, chosen, fresh) {
  choose(tab, chosen);
  tab.querySelector("i").hidden = !fresh;
}

// -- going --------------------------------------------------------------------------------------------------------------

function showSide(name) {
  document.body.dataset.side = name;
  if (talk.state) talk.draw();
}

function showDesk(name) {
  look.desk = name;
  if (talk.state) talk.draw();
}

// Links of the networks lead to places on this page; true where this one did.
function followLink(url, side) {
  if (desks.slack.follow(url)) { showDesk("slack"); showSide("desk"); return true; }
  const inside = /^https?:\/\/t\.me\/c\/(\d+)\/(\d+)(?:\/(\d+))?$/.exec(url);
  if (inside && inside[1] === talk.state.group.link) {
    const known = talk.state.topics.some((topic) => topic.key === inside[2]);
    showDesk("telegram");
    showSide("desk");
    desks.telegram.open(known ? inside[2] : "1", inside[3] ?? (known ? undefined : inside[2]));
    return true;
  }
  const start = /^https?:\/\/t\.me\/([A-Za-z0-9_]+)(?:\?start=([\w-]+))?$/.exec(url);
  if (!start || !talk.state.bots.includes(start[1])) return false;
  const who = side === phone && phone.network() === "telegram" ? phone.who() : talk.state.agent;
  act({ verb: "start", who, text: `${start[1]} ${start[2] ?? ""}` }).then((done) => {
    if (done?.where !== "private" || side === phone) return;
    showDesk("telegram");
    desks.telegram.open("private");
  });
  return true;
}

const TRIES = { answer: "Hi! I am looking into it right now.", note: "//Order 1042 is late again: shall we refund it?", close: "close" };
const SIGNS = { telegram: "/", slack: "!" }; // what a command begins with where customers are answered

async function tryOut(what) {
  if (what === "write") {
    showSide("phone");
    phone.composer.put("Hello! My order 1042 has not arrived yet.");
    return;
  }
  showSide("desk");
  const found = await desk().openOf(phone.contact);
  if (found) desk().put((what === "close" ? SIGNS[look.desk] : "") + TRIES[what]);
  else toast(`Write as ${phone.contact.name} first: the first message brings the customer to the desk.`, true);
}

// -- the beginning ------------------------------------------------------------------------------------------------------

for (const [network, name] of Object.entries(NETWORKS)) {
  $("networks").append(el("button", { type: "button", role: "tab", "data-network-tab": network, "aria-controls": "phone-chat" }, name, el("i", { hidden: true, title: "New messages" })));
}
chooseBy("network", (name) => phone.showNetwork(name));
chooseBy("desk", showDesk);
chooseBy("side", showSide);
for (const button of document.querySelectorAll("[data-try]")) button.addEventListener("click", () => tryOut(button.dataset.try));
$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[open]")) if (!open.contains(event.target) || event.target.closest("details div button")) open.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.activeElement?.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("visibilitychange", () => { if (talk.state && !document.hidden) talk.draw(); });

if (opening.theme) document.documentElement.dataset.theme = opening.theme;
$("telegram-desk").classList.toggle("opened", opening.placed);
showSide(opening.side === "desk" ? "desk" : "phone");
follow();
