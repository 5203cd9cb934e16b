// A dialog that an app of Slack's has opened: it follows what the app shows, and keeps what the person has typed.

import { drawBlocks, filled } from "/blocks.js";
import { el } from "/parts.js";

export class Modal {
  // `deeds` as for blocks, with submit(values) and close().
  constructor(box, deeds) {
    this.box = box;
    this.deeds = deeds;
    this.shown = "";
    box.addEventListener("cancel", (event) => { event.preventDefault(); this.deeds.close(); });
  }

  draw(view) {
    if (!view) {
      this.shown = "";
      if (this.box.open) this.box.close();
      return;
    }
    const name = `${view.id} ${view.hash}`;
    if (name !== this.shown) this.#build(view);
    this.shown = name;
    this.#wrong(view);
    if (!this.box.open) {
      this.box.showModal();
      this.box.querySelector(".input input, .input textarea, .input select")?.focus();
    }
  }

  #build(view) {
    const send = el("button", { class: "main" }, view.submit?.text ?? "");
    this.form = el("form", { onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      await this.deeds.submit(filled(this.form));
      send.disabled = false;
    } },
      ...drawBlocks(view.blocks, this.deeds),
      el("p", { class: "wrong", role: "alert", hidden: true, id: "modal-trouble" }),
      el("p", { class: "ends" }, el("button", { type: "button", onclick: () => this.deeds.close() }, view.close?.text ?? "Close"), " ",
        view.submit ? send : null));
    this.box.replaceChildren(el("h3", { id: "modal-title" }, view.title?.text ?? ""), this.form);
    this.box.setAttribute("aria-labelledby", "modal-title");
  }

  #wrong(view) {
    for (const node of this.form.querySelectorAll("[data-block]")) {
      const words = view.errors?.[node.dataset.block] ?? "";
      const note = node.querySelector(".wrong");
      note.hidden = !words;
      if (note.textContent !== words) note.textContent = words;
    }
    const trouble = this.form.querySelector("#modal-trouble");
    trouble.hidden = !view.trouble;
    trouble.textContent = view.trouble ? "The app had trouble with that. Try again." : "";
  }
}
