// The bar at the top: search as you type, filters, languages, light and dark, work.

import { byId, h, show } from "./dom.js";
import { icon } from "./icons.js";
import { go, on, state, tell } from "./state.js";
import { t } from "./words.js";

const QUIET_MS = 40;
const BURST_MS = 150;
const CHANNELS = ["visual", "speech", "screen", "subtitle", "chapter", "name", "metadata"];
let timer = 0;
let last_ms = 0;

state.filters = {};

function wish(text, settled) {
  go({ q: text }, !settled);
  tell("search", { settled });
}

function field(label, input) {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

function number(key) {
  return field(t(key), h("input", { type: "number", min: 0, step: "any", value: state.filters[`${key}_s`] ?? "", oninput: (e) => {
    state.filters[`${key}_s`] = e.target.value === "" ? undefined : Number(e.target.value);
    tell("search", {});
  } }));
}

function choice(key, names, change) {
  const options = ["", ...names].map((one) => h("option", { value: one, selected: (state.filters[key] || "") === one },
    one ? t(one === "name" ? "name_channel" : one) : t("any")));
  return field(t(key), h("select", { onchange: (e) => change(e.target.value || undefined) }, options));
}

function filters() {
  const set = (key) => (value) => {
    state.filters[key] = value;
    tell("search", {});
  };
  return h("details", {}, h("summary", {}, t("filters")), h("div", {},
    choice("kind", ["video", "animation", "image", "audio"], set("kind")),
    choice("channel", CHANNELS, set("channel")),
    number("shortest"), number("longest"),
    h("label", { class: "tick" }, h("input", { type: "checkbox", checked: !!state.filters.unsure, onchange: (e) => set("unsure")(e.target.checked || undefined) }), t("unsure")),
    field(t("by_image"), h("input", { type: "file", accept: "image/*", onchange: (e) => e.target.files[0] && tell("image", e.target.files[0]) }))));
}

function draw() {
  const box = h("input", { type: "search", id: "q", name: "q", value: state.q, placeholder: t("say_it"), "aria-label": t("search"),
    autocomplete: "off", spellcheck: false, enterkeyhint: "search", maxlength: 2000,
    oninput: (e) => {
      clearTimeout(timer);
      // The first key is answered at once; keys that follow quickly are taken together.
      const wait_ms = e.timeStamp - last_ms > BURST_MS ? 0 : QUIET_MS;
      last_ms = e.timeStamp;
      if (e.isComposing) return;
      timer = setTimeout(() => wish(box.value, false), wait_ms);
    }, oncompositionend: () => wish(box.value, false) });
  const form = h("form", { role: "search", onsubmit: (e) => {
    e.preventDefault();
    clearTimeout(timer);
    wish(box.value, true);
    box.blur();
    byId("main").focus();
  } }, box, h("button", { type: "submit", class: "main" }, t("search")));
  const button = (name, label, ...parts) => h("button", { type: "button", id: `b-${name}`, "aria-label": label, title: label, onclick: () => tell(name) }, ...parts);
  show(byId("top"),
    h("h1", {}, h("a", { href: "/" }, t("name"))),
    form, filters(),
    button("talk", t("chat"), icon("talk"), h("span", { class: "wide" }, t("chat"))),
    button("work", `${t("add")}, ${t("jobs")}`, icon("add"), h("span", { class: "wide" }, t("add"))),
    button("lang", t("lang"), t("lang")),
    button("theme", t("theme"), icon("theme")));
}

export function setUpTop() {
  on("redraw", draw);
}
