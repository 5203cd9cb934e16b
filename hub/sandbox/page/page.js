// The page: what is looked at, what the stand-in says of it, and what the person does.

import { Composer } from "/composer.js";
import { drawTopics, Log } from "/draw.js";
import { avatar, el, toast } from "/parts.js";

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.hash.slice(1));
const look = { phone: asked.get("phone") ?? "", agent: asked.get("agent") ?? "", place: asked.get("place") ?? "1" };
const seen = new Map();
let state = null;
let cursorShown = -1;
let known = false; // whether what stood there at first was taken note of: it is not new

// -- asking and doing -------------------------------------------------------------------------------------------------

async function act(wish, files = []) {
  let body = JSON.stringify(wish);
  const headers = { "X-Page": "1" };
  if (files.length) {
    const form = new FormData();
    form.append("wish", body);
    for (const file of files) form.append("file", file, file.name);
    body = form;
  } else headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch("/api/do", { method: "POST", headers, body });
    const said = await answer.json().catch(() => ({ error: "The demo did not understand that." }));
    if (answer.ok) return said;
    toast(said.error, true);
  } catch {
    toast("The demo does not answer.", true);
  }
  return null;
}

let asking = null;
let again = false;

// One question at a time; what happens meanwhile is asked for right afterwards.
async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do {
      again = false;
      const answer = await fetch(`/api/state?${new URLSearchParams(look)}`);
      if (answer.ok) { state = await answer.json(); draw(); }
    } while (again);
  })();
  try { await asking; } catch { /* the stream of changes tells that the demo is gone */ } finally { asking = null; }
}

function follow() {
  const stream = new EventSource("/api/changes");
  stream.onmessage = (event) => {
    $("gone").hidden = true;
    if (Number(event.data) !== cursorShown) { cursorShown = Number(event.data); refresh(); }
  };
  stream.onerror = () => {
    $("gone").hidden = false;
    cursorShown = -1;
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 1500);
  };
}

// -- drawing ------------------------------------------------------------------------------------------------------------

const sides = {
  phone: { who: () => state.phone.person, where: () => "phone", messages: () => state.phone.messages },
  desk: { who: () => Number(look.agent), where: () => look.place, messages: () => state.place.messages },
};

for (const [name, side] of Object.entries(sides)) {
  const wish = (more) => ({ who: side.who(), where: side.where(), ...more });
  side.do = (more, files) => act(wish(more), files);
  side.composer = new Composer($(name === "phone" ? "phone-composer" : "place-composer"), {
    send: async (more, files) => (await side.do(more, files)) !== null,
    lastOwn: () => side.messages().findLast((message) => message.mine && !message.service && !message.whisper),
  });
  side.log = new Log($(name === "phone" ? "phone-log" : "place-log"), {
    command: (words) => side.do({ verb: "say", text: words }),
    follow: (url) => followLink(url, side),
    jump: (key) => side.log.show(key),
    press: (message, button) => press(side, message, button),
    react: (message, emoji) => side.do({ verb: "react", message: message.id, text: emoji }),
    reply: (message) => side.composer.reply(message),
    edit: (message) => side.composer.edit(message),
    remove: (message) => side.do({ verb: "delete", message: message.id }),
  });
}

function draw() {
  look.phone = String(state.phone.person);
  if (!state.agents.some((agent) => String(agent.id) === look.agent)) look.agent = String(state.agents[0].id);
  look.place = state.place.key;
  history.replaceState(null, "", `#${new URLSearchParams(look)}`);
  drawPhone();
  drawPlace();
  drawList();
  drawMarks();
}

function drawPhone() {
  const options = [...state.contacts.map((one) => [String(one.id), one.name]), ["new", "New customer…"]];
  const said = JSON.stringify(options);
  if ($("contact").dataset.said !== said) {
    $("contact").replaceChildren(...options.map(([value, name]) => el("option", { value }, name)));
    $("contact").dataset.said = said;
  }
  $("contact").value = look.phone;
  $("shop").textContent = state.shop;
  $("block").textContent = state.phone.blocked ? "Unblock the shop" : "Block the shop";
  for (const node of document.querySelectorAll("[data-name=contact]")) node.textContent = contact().name;
  const hint = state.phone.blocked ? "You have blocked the shop; writing unblocks it" : `Write as ${contact().name}`;
  const empty = `${contact().name} has not written yet. Say hello to the shop below.`;
  sides.phone.log.draw(`phone ${look.phone}`, state.phone.messages, empty);
  sides.phone.composer.place(`phone ${look.phone}`, state.phone.commands, state.phone.prompt, hint);
}

function drawPlace() {
  const topic = places().find((one) => one.key === look.place) ?? places()[0];
  const kind = look.place === "1" ? "home" : look.place === "private" ? "private" : "topic";
  const about = { home: "Nothing from here reaches a customer", topic: "What you write here goes to the customer", private: "private chat" };
  $("place-name").textContent = topic.name + (topic.closed ? " 🔒" : "");
  $("place-about").textContent = about[kind];
  const sign = kind === "topic" ? avatar(topic.name, topic.key) : el("span", { class: `avatar ${kind === "home" ? "general" : "shop"}` }, kind === "home" ? "#" : "🤖");
  sign.id = "place-avatar";
  $("place-avatar").replaceWith(sign);
  $("place-more").hidden = kind !== "topic";
  const key = `${look.place} ${look.agent}`;
  const hints = { home: "A command, such as /next", topic: `Answer as ${agent().name}, or //note, or /command`, private: "A command, such as /channel list" };
  sides.desk.log.draw(key, state.place.messages, "Nothing here yet.");
  const prompt = state.place.prompt?.thread === look.place ? state.place.prompt : null;
  sides.desk.composer.place(key, state.place.commands, prompt, hints[kind]);
}

function drawList() {
  const list = places();
  for (const topic of list) if (!seen.has(topic.key)) seen.set(topic.key, known ? 0 : lastOf(topic));
  known = true;
  const shown = document.body.dataset.side === "desk" || matchMedia("(min-width: 761px)").matches;
  if (shown && !document.hidden) seen.set(look.place, lastOf(list.find((one) => one.key === look.place)));
  drawTopics($("topics"), list, look.place, unread, openPlace);
  const said = JSON.stringify([state.agents, look.agent]);
  $("group").textContent = state.group.title;
  if ($("agents").dataset.said === said) return;
  $("agents").dataset.said = said;
  $("agents").replaceChildren(el("legend", {}, "You act as"), ...state.agents.map((one) => el("label", {},
    el("input", { type: "radio", name: "agent", value: String(one.id), checked: String(one.id) === look.agent,
      onchange: () => { look.agent = String(one.id); refresh(); } }), el("span", {}, one.name))));
}

function drawMarks() {
  $("tab-desk").querySelector("i").hidden = !places().some(unread);
  const last = state.phone.messages.at(-1);
  const key = `phone ${look.phone}`;
  if (document.body.dataset.side === "phone") seen.set(key, last?.id ?? 0);
  $("tab-phone").querySelector("i").hidden = !last || last.mine || (seen.get(key) ?? 0) >= last.id;
}

const contact = () => state.contacts.find((one) => one.id === state.phone.person);
const agent = () => state.agents.find((one) => String(one.id) === look.agent);
const lastOf = (topic) => topic?.last?.id ?? 0;
const unread = (topic) => lastOf(topic) > (seen.get(topic.key) ?? 0);

function places() {
  const own = { key: "private", name: state.private.name, last: state.private.last, hint: "your private chat with the hub’s bot" };
  const topics = [...state.topics].sort((a, b) => (b.key === "1") - (a.key === "1") || lastOf(b) - lastOf(a));
  return [...topics, own];
}

// -- going and pressing -------------------------------------------------------------------------------------------------

async function openPlace(key, message) {
  look.place = key;
  document.body.classList.add("opened");
  await refresh();
  if (message) sides.desk.log.show(`m${message}`);
  else if (matchMedia("(hover: hover)").matches) sides.desk.composer.field.focus();
}

function showSide(name) {
  document.body.dataset.side = name;
  for (const tab of document.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.side === name));
  if (state) draw();
}

// Links of the network lead to places on this page; true where this one did.
function followLink(url, side) {
  const inside = /^https?:\/\/t\.me\/c\/(\d+)\/(\d+)(?:\/(\d+))?$/.exec(url);
  if (inside && inside[1] === state.group.link) {
    const known = state.topics.some((topic) => topic.key === inside[2]);
    showSide("desk");
    openPlace(known ? inside[2] : "1", inside[3] ?? (known ? undefined : inside[2]));
    return true;
  }
  const start = /^https?:\/\/t\.me\/([A-Za-z0-9_]+)(?:\?start=([\w-]+))?$/.exec(url);
  if (!start || !state.bots.includes(start[1])) return false;
  act({ verb: "start", who: side.who(), text: `${start[1]} ${start[2] ?? ""}` }).then((done) => {
    if (done?.where === "private" && side === sides.desk) openPlace("private");
  });
  return true;
}

async function press(side, message, button) {
  const name = button.callback_data || button.url || button.text;
  const done = await side.do({ verb: "press", message: message.id, whisper: message.whisper, text: name });
  if (done?.url && !followLink(done.url, side)) window.open(done.url, "_blank", "noopener,noreferrer");
  if (done?.alert) {
    $("alert").querySelector("p").textContent = done.text;
    $("alert").showModal();
  } else toast(done?.text);
}

// -- things to try ------------------------------------------------------------------------------------------------------

const tries = { answer: "Hi! I am looking into it right now.", note: "//Bob, can you check order 1042?", close: "/close" };

function tryOut(what) {
  if (what === "write") {
    showSide("phone");
    sides.phone.composer.put("Hello! My order 1042 has not arrived yet.");
    return;
  }
  const topic = state.topics.find((one) => one.key !== "1" && one.name.includes(contact().name));
  if (!topic) return toast(`Write as ${contact().name} first: the first message opens a topic.`, true);
  showSide("desk");
  openPlace(topic.key).then(() => sides.desk.composer.put(tries[what]));
}

for (const button of document.querySelectorAll("[data-try]")) button.addEventListener("click", () => tryOut(button.dataset.try));
for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => showSide(tab.dataset.side));
$("back").addEventListener("click", () => document.body.classList.remove("opened"));
$("block").addEventListener("click", () => sides.phone.do({ verb: "block" }));
$("drop").addEventListener("click", async () => {
  if (await sides.desk.do({ verb: "delete_topic" })) toast("Deleted. When the customer writes again, the topic comes back with a transcript.");
});
$("contact").addEventListener("change", () => {
  if ($("contact").value === "new") { $("contact").value = look.phone; $("newcomer").showModal(); return; }
  look.phone = $("contact").value;
  refresh();
});
$("newcomer").addEventListener("close", async () => {
  if ($("newcomer").returnValue !== "add") return;
  const made = await act({ verb: "new_contact", text: $("newcomer").querySelector("input").value });
  if (made) { look.phone = String(made.id); refresh(); }
});
$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[open]")) if (!open.contains(event.target) || event.target.closest("details div button")) open.open = false;
});
document.addEventListener("visibilitychange", () => { if (state && !document.hidden) draw(); });

if (asked.get("theme")) document.documentElement.dataset.theme = asked.get("theme");
document.body.classList.toggle("opened", asked.has("place"));
showSide(asked.get("side") === "desk" ? "desk" : "phone");
follow();
