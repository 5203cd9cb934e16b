// What is looked at, what the stand-ins say of it, and how the page asks them to do something.

import { toast } from "/parts.js";

const asked = new URLSearchParams(location.hash.slice(1));
const NAMES = ["phone", "desk", "agent", "place", "spot", "thread"];

// `phone`: a contact. `desk`: the one in sight. `agent`: who acts on either. `place`: in Telegram's group; `spot`, `thread`: in Slack.
export const look = Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""]));
export const opening = { side: asked.get("side"), theme: asked.get("theme"), placed: asked.has("place") };
export const talk = { state: null, draw: () => {}, gone: () => {} };

export async function act(wish, files = []) {
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
export async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do {
      again = false;
      const state = await seen();
      if (state) { talk.state = state; talk.draw(); }
    } while (again);
  })();
  try { await asking; } finally { asking = null; }
}

// Nothing where the demo is gone: the stream of changes tells that.
async function seen() {
  try {
    const answer = await fetch(`/api/state?${new URLSearchParams(look)}`);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

let shown = -1;

export function follow() {
  const stream = new EventSource("/api/changes");
  stream.onmessage = (event) => {
    talk.gone(false);
    if (Number(event.data) !== shown) { shown = Number(event.data); refresh(); }
  };
  stream.onerror = () => {
    talk.gone(true);
    shown = -1;
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 1500);
  };
}

export function remember() {
  const kept = Object.entries(look).filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}
