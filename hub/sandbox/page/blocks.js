// Draws Slack's blocks: rich text, sections, buttons, menus, inputs. Words only ever become text nodes.

import { clock, el, inSight } from "/parts.js";

const STYLES = { bold: "b", italic: "i", strike: "s", code: "code", underline: "u" };
const WEB = /^(https?|mailto|tel):/i;

// `deeds`: follow(url), press(element), choose(element, value), people(): [{ id, name }].
export function drawBlocks(blocks, deeds) {
  return blocks.map((block) => drawBlock(block, deeds)).filter(Boolean);
}

function drawBlock(block, deeds) {
  switch (block.type) {
    case "rich_text":
      return el("div", { class: "words" }, ...block.elements.map((part) => paragraph(part, deeds)));
    case "header":
      return el("h4", {}, block.text.text);
    case "divider":
      return el("hr");
    case "section":
      return el("div", { class: "section" },
        el("div", {}, block.text ? said(block.text, deeds) : null,
          block.fields ? el("div", { class: "fields" }, ...block.fields.map((field) => said(field, deeds))) : null),
        block.accessory ? control(block.accessory, deeds) : null);
    case "context":
      return el("div", { class: "aside" }, ...block.elements.map((each) => said(each, deeds)));
    case "actions":
      return el("div", { class: "actions" }, ...block.elements.map((each) => control(each, deeds)));
    case "input":
      return input(block, deeds);
    case "image":
      return el("small", {}, `🖼 ${block.alt_text ?? ""}`);
    default:
      return el("small", {}, `(${block.type})`);
  }
}

function said(text, deeds) {
  if (text.type === "rich_text") return drawBlock(text, deeds);
  return el("span", { class: "words" }, text.text ?? text.alt_text ?? "");
}

// -- rich text ----------------------------------------------------------------------------------------------------------

function paragraph(part, deeds) {
  const inner = () => part.elements.map((each) => run(each, deeds));
  switch (part.type) {
    case "rich_text_quote":
      return el("blockquote", {}, ...inner());
    case "rich_text_preformatted":
      return el("pre", {}, ...inner());
    case "rich_text_list":
      return el(part.style === "ordered" ? "ol" : "ul", {},
        ...part.elements.map((item) => el("li", {}, ...item.elements.map((each) => run(each, deeds)))));
    default:
      return el("div", {}, ...inner());
  }
}

function run(element, deeds) {
  switch (element.type) {
    case "link":
      return styled(link(element.url, element.text || element.url, deeds), element.style);
    case "user":
      return el("span", { class: "mention" }, `@${element.name}`);
    case "channel":
      return el("span", { class: "mention" }, `#${element.name}`);
    case "broadcast":
      return el("span", { class: "mention" }, `@${element.range}`);
    case "emoji":
      return element.sign;
    case "date":
      return el("time", { title: element.fallback }, `${day(element.timestamp)}${clock(element.timestamp)}`);
    default:
      return styled(document.createTextNode(element.text ?? ""), element.style);
  }
}

function day(seconds) {
  const at = new Date(seconds * 1000);
  if (at.toDateString() === new Date().toDateString()) return "";
  return `${at.toLocaleDateString([], { day: "numeric", month: "short" })} `;
}

function styled(node, style = {}) {
  for (const name of Object.keys(STYLES)) if (style[name]) node = el(STYLES[name], {}, node);
  return node;
}

function link(url, words, deeds) {
  if (!WEB.test(url)) return el("span", { class: "found" }, words);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", onclick: (event) => {
    if (deeds.follow(url)) event.preventDefault();
  } }, words);
}

// -- what is pressed or chosen: tells the app at once -------------------------------------------------------------------

function control(element, deeds) {
  switch (element.type) {
    case "button":
      return button(element, deeds);
    case "overflow":
      return el("details", { class: "more", ontoggle: inSight }, el("summary", { "aria-label": "More actions", title: "More actions" }, "⋯"),
        el("div", {}, ...element.options.map((option) =>
          el("button", { type: "button", onclick: () => deeds.choose(element, option.value ?? option.text.text) }, option.text.text))));
    case "mrkdwn":
    case "plain_text":
    case "rich_text":
      return said(element, deeds);
    default:
      return chooser(element, deeds);
  }
}

function button(element, deeds) {
  return el("button", { type: "button", class: `key ${element.style ?? ""}`, title: element.url ?? "", onclick: async (event) => {
    const pressed = event.currentTarget;
    pressed.classList.add("pending");
    await deeds.press(element);
    pressed.classList.remove("pending");
  } }, element.text.text, element.url ? el("i", { "aria-hidden": "true" }, " ↗") : null);
}

function chooser(element, deeds) {
  const label = element.placeholder?.text || "Choose";
  const options = optionsOf(element, deeds);
  if (!options.length) return el("small", {}, label);
  return el("select", { "aria-label": label, onchange: (event) => {
    if (event.target.value) deeds.choose(element, event.target.value);
    event.target.value = "";
  } }, el("option", { value: "" }, label), ...options);
}

function optionsOf(element, deeds) {
  if (element.type === "users_select") return deeds.people().map((one) => el("option", { value: one.id }, one.name));
  const groups = element.option_groups?.flatMap((group) => group.options) ?? [];
  return [...(element.options ?? []), ...groups].map((option) => el("option", { value: option.value }, option.text.text));
}

// -- what is filled in: told when the dialog is sent --------------------------------------------------------------------

function input(block, deeds) {
  const element = block.element;
  const label = [block.label.text, block.optional ? el("small", {}, " (optional)") : null];
  const hint = block.hint ? el("small", {}, block.hint.text) : null;
  const wrong = el("p", { class: "wrong", role: "alert", hidden: true });
  const frame = { class: "input", "data-block": block.block_id, "data-kind": element.type };
  if (element.type === "radio_buttons" || element.type === "checkboxes") {
    return el("fieldset", frame, el("legend", {}, ...label), ...choices(block), hint, wrong);
  }
  return el("div", frame, el("label", {}, el("span", {}, ...label), field(block, deeds)), hint, wrong);
}

function choices(block) {
  const { type, options, initial_option: one, initial_options: many } = block.element;
  const chosen = new Set([one, ...(many ?? [])].filter(Boolean).map((option) => option.value));
  return options.map((option) => el("label", { class: "choice" },
    el("input", { type: type === "checkboxes" ? "checkbox" : "radio", name: block.block_id, value: option.value, checked: chosen.has(option.value) }),
    el("span", {}, option.text.text)));
}

const FIELDS = { number_input: "number", email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time" };

function field(block, deeds) {
  const element = block.element;
  const given = { name: block.block_id, value: element.initial_value ?? element.initial_date ?? "", placeholder: element.placeholder?.text };
  if (element.type === "plain_text_input" && element.multiline) return el("textarea", { ...given, rows: 3, maxLength: element.max_length ?? 3000 });
  if (element.type.endsWith("select")) {
    const multiple = element.type.startsWith("multi_");
    const list = el("select", { name: block.block_id, multiple }, multiple || element.initial_option ? null : el("option", { value: "" }, "Choose…"),
      ...optionsOf({ ...element, type: element.type.replace("multi_", "") }, deeds));
    const chosen = new Set([element.initial_option, ...(element.initial_options ?? [])].filter(Boolean).map((option) => option.value));
    for (const option of list.options) option.selected = chosen.has(option.value);
    return list;
  }
  return el("input", { ...given, type: FIELDS[element.type] ?? "text", maxLength: element.max_length ?? 3000, autocomplete: "off" });
}

// What stands in a dialog, by block; what was left empty is left out.
export function filled(form) {
  const values = {};
  for (const node of form.querySelectorAll("[data-block]")) {
    const many = node.dataset.kind === "checkboxes" || node.dataset.kind.startsWith("multi_");
    const inputs = [...node.querySelectorAll("input, textarea, select")];
    const found = inputs.flatMap((one) => {
      if (one.type === "radio" || one.type === "checkbox") return one.checked ? [one.value] : [];
      if (one.multiple) return [...one.selectedOptions].map((option) => option.value);
      return one.value ? [one.value] : [];
    });
    if (many) values[node.dataset.block] = found;
    else if (found.length) values[node.dataset.block] = found[0];
  }
  return values;
}
