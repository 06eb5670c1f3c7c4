// The controls of the published demos: model, frames, beams, temperature and what belongs to them.

import { h, newId } from "./dom.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

const PRESETS = ["greedy", "beam", "published", "published-cool", "demo"];

export function field(label, input) {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

/** A choice of who answers; `skill` leaves out those who cannot. */
export function modelChoice(skill) {
  const select = h("select", {});
  const draw = () => {
    const able = state.models.filter((one) => one.can.includes(skill));
    select.replaceChildren(...able.map((one) => h("option", { value: one.name }, one.kind === "frames" ? t("frames_model") : one.title)));
    select.disabled = !able.length;
    if (!able.length) select.append(h("option", { value: "" }, "–"));
    if (kept.model && able.some((one) => one.name === kept.model)) select.value = kept.model;
    missing.hidden = able.length > 0;
  };
  const missing = h("p", { class: "reason", hidden: true }, t("no_llm"));
  select.addEventListener("change", () => { kept.model = select.value; });
  on("models", draw);
  draw();
  return { element: field(t("model"), select), missing, value: () => select.value, able: () => !select.disabled };
}

const kept = { model: "", preset: "greedy" };

function number(name, least, most, step) {
  const input = h("input", { type: "number", min: least, max: most, step, value: kept[name] ?? "", inputmode: "decimal" });
  input.addEventListener("input", () => { kept[name] = input.value; });
  return field(t(name), input);
}

function slider(name, least, most, step, first) {
  const out = h("output", {}, kept[name] ?? "–");
  const id = newId("slider");
  const input = h("input", { type: "range", id, min: least, max: most, step, value: kept[name] ?? first, oninput: () => {
    kept[name] = input.value;
    out.textContent = input.value;
  } });
  return h("div", { class: "field" }, h("span", {}, h("label", { for: id }, t(name)), " ", out), input);
}

/** Everything about how an answer is drawn; an untouched control leaves it to the preset. */
export function generateControls() {
  const preset = h("select", { onchange: (e) => { kept.preset = e.target.value; } },
    PRESETS.map((one) => h("option", { value: one, selected: kept.preset === one }, one)));
  return h("div", { class: "row" }, field(t("preset"), preset), number("frames", 1, 1024, 1),
    slider("beams", 1, 10, 1, 1), slider("temperature", 0.1, 2, 0.1, 1), number("top_p", 0.05, 1, 0.05),
    number("new_tokens", 1, 2048, 1), number("seed", 0, 2147483647, 1));
}

export function generate() {
  const values = { preset: kept.preset };
  for (const name of ["frames", "beams", "temperature", "top_p", "new_tokens", "seed"]) {
    if (kept[name] !== undefined && kept[name] !== "") values[name] = Number(kept[name]);
  }
  return values;
}
