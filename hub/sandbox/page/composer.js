// The line in which one types: drafts, replies, edits, files, a bot's menu, and the questions that a bot asks.

import { el, size, toast } from "/parts.js";

export class Composer {
  // `send(wish, files)` gives true when it went; `lastOwn()` is the newest message that can be edited.
  constructor(box, { send, lastOwn }) {
    this.send = send;
    this.lastOwn = lastOwn;
    this.drafts = new Map();
    this.key = "";
    this.files = [];
    this.commands = [];
    this.answered = 0;
    this.#build(box);
  }

  #build(box) {
    this.field = el("textarea", { rows: 1, maxLength: 4096, "aria-label": "Message", placeholder: "Message", enterKeyHint: "send" });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files", onchange: () => {
      this.#add([...this.picker.files]);
      this.picker.value = "";
    } });
    this.context = el("div", { class: "context", hidden: true });
    this.chosen = el("div", { class: "chosen", hidden: true });
    this.menu = el("ul", { class: "menu", hidden: true, role: "listbox", "aria-label": "Commands" });
    this.attach = el("details", { class: "more attach" }, el("summary", { "aria-label": "Attach", title: "Attach" }, "📎"), el("div", {},
      el("button", { type: "button", onclick: () => { this.attach.open = false; this.picker.click(); } }, "Choose files…"),
      el("button", { type: "button", onclick: () => this.#sample(1) }, "A sample picture"),
      el("button", { type: "button", onclick: () => this.#sample(3) }, "A sample album")));
    this.go = el("button", { type: "button", class: "go", "aria-label": "Send", title: "Send (Enter)", onclick: () => this.submit() }, "➤");
    box.append(this.menu, this.context, this.chosen, el("div", { class: "line" }, this.attach, this.picker, this.field, this.go));
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.field.addEventListener("paste", (event) => this.#add([...event.clipboardData.files]));
    this.field.addEventListener("blur", () => setTimeout(() => { this.menu.hidden = true; }, 150));
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => { event.preventDefault(); this.#add([...event.dataTransfer.files]); });
  }

  // Another chat: keeps what was begun in the old one, and brings back what was begun in this one.
  place(key, commands, prompt, hint) {
    this.commands = commands;
    if (key !== this.key) {
      if (this.key) this.drafts.set(this.key, { text: this.field.value, about: this.about });
      const kept = this.drafts.get(key);
      this.key = key;
      this.files = [];
      this.#showFiles();
      this.#about(kept?.about ?? null);
      this.put(kept?.text ?? "", false);
      this.answered = 0;
    }
    this.hint = hint;
    this.#asked(prompt);
    this.field.placeholder = this.about?.hint || hint;
    this.field.setAttribute("aria-label", hint || "Message");
  }

  #asked(prompt) {
    if (!prompt) {
      if (this.about?.asked) this.#about(null);
      this.answered = 0;
    } else if (prompt.id !== this.answered && this.about?.kind !== "edit") {
      this.answered = prompt.id;
      this.#about({ kind: "reply", id: prompt.id, name: prompt.to.name, text: prompt.to.text, hint: prompt.hint, asked: true });
    }
  }

  put(text, focus = true) {
    this.field.value = text;
    this.#changed();
    if (focus) this.field.focus();
  }

  reply(message) {
    const name = message.whisper ? "the hub" : message.from.name;
    this.#about({ kind: "reply", id: message.id, whisper: message.whisper, name, text: message.text || message.what || "a picture" });
    this.field.focus();
  }

  edit(message) {
    this.#about({ kind: "edit", id: message.id, name: "Edit", text: message.text });
    this.put(message.text);
  }

  #about(about) {
    this.about = about;
    this.context.hidden = !about;
    this.field.placeholder = about?.hint || this.hint || "Message";
    if (!about) return;
    const title = about.kind === "edit" ? "✎ Edit" : about.asked ? `↩ ${about.name} asks` : `↩ Reply to ${about.name}`;
    this.context.replaceChildren(el("b", {}, title), el("span", {}, about.text),
      el("button", { type: "button", "aria-label": "Cancel", onclick: () => this.#cancel() }, "✕"));
  }

  #cancel() {
    if (this.about?.kind === "edit") this.put("");
    this.#about(null);
    this.field.focus();
  }

  // -- files ------------------------------------------------------------------------------------------------------

  #add(files) {
    this.files = [...this.files, ...files].slice(0, 10);
    this.#showFiles();
    if (files.length) this.field.focus();
  }

  #showFiles() {
    this.chosen.hidden = !this.files.length;
    this.chosen.replaceChildren(...this.files.map((file) => el("span", {}, `${file.name} · ${size(file.size)} `,
      el("button", { type: "button", "aria-label": `Leave out ${file.name}`, onclick: () => {
        this.files = this.files.filter((other) => other !== file);
        this.#showFiles();
      } }, "✕"))));
  }

  async #sample(count) {
    this.attach.open = false;
    this.#add(await Promise.all(Array.from({ length: count }, (_, number) => sample(number))));
  }

  // -- typing -----------------------------------------------------------------------------------------------------

  #changed() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 140)}px`;
    const begun = /^\/([a-z_]*)$/i.exec(this.field.value);
    const fitting = begun ? this.commands.filter((one) => one.command.startsWith(begun[1].toLowerCase())) : [];
    this.chosenCommand = -1;
    this.menu.hidden = !fitting.length || document.activeElement !== this.field;
    this.menu.replaceChildren(...fitting.map((one) => el("li", { role: "option", onpointerdown: (event) => {
      event.preventDefault();
      this.put(`/${one.command} `);
    } }, el("b", {}, `/${one.command}`), ` ${one.description}`)));
    this.fitting = fitting;
  }

  #choose(step) {
    const count = this.fitting.length;
    this.chosenCommand = (this.chosenCommand + step + count) % count;
    [...this.menu.children].forEach((item, number) => item.setAttribute("aria-selected", number === this.chosenCommand));
    this.menu.children[this.chosenCommand].scrollIntoView({ block: "nearest" });
  }

  #pressed(event) {
    const listed = !this.menu.hidden;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (listed && this.chosenCommand >= 0) this.put(`/${this.fitting[this.chosenCommand].command} `);
      else this.submit();
    } else if (listed && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.#choose(event.key === "ArrowUp" ? (this.chosenCommand < 0 ? 0 : -1) : 1);
    } else if (listed && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.put(`/${this.fitting[Math.max(this.chosenCommand, 0)].command} `);
    } else if (event.key === "Escape") {
      if (listed) this.menu.hidden = true;
      else if (this.about) this.#cancel();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      const own = this.lastOwn();
      if (own) { event.preventDefault(); this.edit(own); }
    }
  }

  async submit() {
    const text = this.field.value;
    if (!text.trim() && !this.files.length) return this.field.focus();
    const [about, files] = [this.about, this.files];
    const wish = { verb: about?.kind === "edit" ? "edit" : "say", text };
    if (about?.kind === "edit") wish.message = about.id;
    else if (about?.whisper) wish.reply_to_whisper = about.whisper;
    else if (about) wish.reply_to = about.id;
    this.files = [];
    this.#showFiles();
    this.#about(null);
    this.put("");
    if (await this.send(wish, files)) return;
    if (!this.field.value) {
      this.files = files;
      this.#showFiles();
      this.#about(about);
      this.put(text);
    }
  }
}

// A picture drawn here, so that there is one to send on any machine.
function sample(number) {
  const canvas = el("canvas", { width: 480, height: 320 });
  const brush = canvas.getContext("2d");
  const hue = (number * 97 + Math.floor(Math.random() * 360)) % 360;
  const sky = brush.createLinearGradient(0, 0, 0, 320);
  sky.addColorStop(0, `hsl(${hue} 70% 62%)`);
  sky.addColorStop(1, `hsl(${(hue + 50) % 360} 75% 82%)`);
  brush.fillStyle = sky;
  brush.fillRect(0, 0, 480, 320);
  brush.fillStyle = "#fffc";
  brush.beginPath();
  brush.arc(360, 90, 38, 0, 7);
  brush.fill();
  for (const [shade, base, bend] of [[38, 210, 90], [30, 250, 60], [22, 285, 40]]) {
    brush.fillStyle = `hsl(${(hue + 140) % 360} 35% ${shade}%)`;
    brush.beginPath();
    brush.moveTo(0, 320);
    for (let x = 0; x <= 480; x += 20) brush.lineTo(x, base - Math.sin((x + number * 80 + base) / bend) * 26);
    brush.lineTo(480, 320);
    brush.fill();
  }
  return new Promise((done) => canvas.toBlob((blob) => {
    if (!blob) toast("This browser cannot draw a picture; choose a file.", true);
    done(new File([blob ?? ""], `sample-${number + 1}.png`, { type: "image/png" }));
  }, "image/png"));
}
