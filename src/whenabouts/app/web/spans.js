// Moments of one video as a list; choosing one plays it.

import { clock, h } from "./dom.js";
import { tell } from "./state.js";
import { t } from "./words.js";

export function spans(moments, label) {
  if (!moments.length) return h("p", {}, t("no_moments"));
  return h("ol", { class: "list", "aria-label": label }, moments.map((m) => h("li", {}, h("button", { type: "button", onclick: () => tell("seek", { t: m.start_s, end: m.end_s }) },
    h("time", {}, `${clock(m.start_s)} – ${clock(m.end_s)}`), m.text || (m.score ? t("score", { n: m.score.toFixed(2) }) : "")))));
}
