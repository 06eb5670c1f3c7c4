// One moment: key frame, span, score curve, evidence, and what can be done with it.

import { pictureUrl } from "./api.js";
import { drawing, timeAt } from "./curve.js";
import { clock, fileName, h, momentId, newId } from "./dom.js";
import { link, state, tell } from "./state.js";
import { t } from "./words.js";

const channel = (name) => t(name === "name" ? "name_channel" : name);

function reason(e) {
  const when = e.time_s === null || e.time_s === undefined ? "" : ` ${t("at", { t: clock(e.time_s) })}`;
  return h("li", {}, h("b", {}, channel(e.channel)), when, e.text ? `: ${e.text}` : "");
}

export function opener(moment, t_s) {
  return { video: moment.video.id, t: t_s ?? moment.start_s, end: moment.end_s, tab: state.tab };
}

export function chooser(moment) {
  const id = momentId(moment);
  const box = h("input", { type: "checkbox", checked: state.chosen.has(id), onchange: () => {
    if (box.checked) state.chosen.set(id, moment);
    else state.chosen.delete(id);
    tell("chosen");
  } });
  return h("label", { class: "tick" }, box, h("span", {}, t("choose")));
}

/** `rank` from 1; `judged(what)` adds like and dislike. */
export function card(moment, rank, judged) {
  const title = newId("hit");
  const name = fileName(moment.video.path);
  const span = `${clock(moment.start_s)} – ${clock(moment.end_s)}`;
  const shot = moment.evidence.find((e) => e.channel === "visual" && e.time_s !== null);
  const at = shot ? shot.time_s : (moment.start_s + moment.end_s) / 2;
  const open = (time_s) => tell("open", opener(moment, time_s));
  const curve = drawing(moment.curve, moment.video.duration_s || 1, [{ ...moment, best: true }], t("curve"));
  curve.addEventListener("click", (e) => open(timeAt(e, curve, moment.video.duration_s)));
  const button = (key, act) => h("button", { type: "button", class: "small", onclick: act, "aria-describedby": title }, t(key));
  const near = () => tell("near", moment);
  return h("article", { class: "card", "aria-labelledby": title, "data-moment": momentId(moment), onpointerenter: near, onfocusin: near },
    h("a", { class: "frame", href: link(opener(moment)), tabindex: -1, "aria-hidden": "true", onclick: (e) => (e.preventDefault(), open()) },
      h("img", { src: pictureUrl(moment.video.id, at), "data-exact": pictureUrl(moment.video.id, at, true), "data-sharp": "", alt: "", loading: "lazy", width: 160, height: 90 }),
      h("span", { class: "time" }, span)),
    h("div", { class: "about" },
      h("h3", { id: title }, h("a", { class: "hit", href: link(opener(moment)), onclick: (e) => (e.preventDefault(), open()) },
        `${rank}. ${name}`, h("span", { class: "when" }, ` ${span}`))),
      moment.text && !moment.evidence.slice(0, 4).some((e) => e.text === moment.text) ? h("p", { class: "text" }, moment.text) : null,
      curve,
      h("ul", { class: "why", "aria-label": t("evidence") }, moment.evidence.slice(0, 4).map(reason)),
      h("p", { class: "acts" },
        h("span", { class: "score" }, t("score", { n: moment.score.toFixed(2) })),
        judged ? [button("like", () => judged("like")), button("dislike", () => judged("dislike"))] : null,
        button("alike", () => tell("alike", moment)),
        button("compare", () => tell("compare", moment)),
        button("copy_link", () => tell("copy", link(opener(moment)))),
        chooser(moment))));
}

let sharpening = 0;
let watch = null;

/** The key frame of a moment as its card shows it, where one does. */
export function pictureOf(moment) {
  const image = document.querySelector(`.card[data-moment="${CSS.escape(momentId(moment))}"] .frame img`);
  return image?.complete && image.naturalWidth ? image.src : "";
}

/** Sharpen no more: the player needs the machine. */
export function rest() {
  clearTimeout(sharpening);
  watch?.disconnect();
}

/** The pictures of shots become the very frames of the moments, once they are seen and nobody types. */
export function sharpen(place, after_ms) {
  rest();
  sharpening = setTimeout(() => {
    watch = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        const exact = new Image();
        exact.onload = () => { target.src = exact.src; };
        exact.src = target.dataset.exact;
        target.removeAttribute("data-sharp");
      }
    });
    for (const img of place.querySelectorAll("img[data-sharp]")) watch.observe(img);
  }, after_ms);
}
