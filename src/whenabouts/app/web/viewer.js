// Right side: the player of one video (or two beside each other) with its panels, or the talk alone.

import { about, playerOf, taken } from "./ahead.js";
import { get } from "./api.js";
import { chooser, pictureOf } from "./card.js";
import { chatPanel } from "./chat.js";
import { byId, clock, fileName, h, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { panels } from "./panels.js";
import { go, link, on, state, tell } from "./state.js";
import { t } from "./words.js";

let player = null;
let second = null;
let heat = { video: "", q: "", curve: null };

function controls() {
  const button = (key, act, sign, more) => h("button", { type: "button", class: "small", "aria-label": t(key), title: t(key), onclick: act, ...more }, sign);
  const time = h("output", { id: "now", "aria-label": t("timeline") });
  const beside = second ? [
    h("button", { type: "button", class: "small", onclick: () => { player.toggle(); second.toggle(); } }, t("together")),
    h("button", { type: "button", class: "small", onclick: () => { go({ other: "" }); open(true); } }, t("end_compare")),
  ] : [];
  return h("div", { class: "controls" },
    button("slower", () => tell("previous"), icon("previous")), button("back", () => tell("jump", -5), "−5 s"),
    h("button", { type: "button", class: "small main", id: "play", "aria-label": t("play"), onclick: () => player.toggle() }, icon("play")),
    button("forward", () => tell("jump", 5), "+5 s"), button("faster", () => tell("next"), icon("next")), time,
    button("mute", () => player.mute(), icon("sound"), { id: "mute" }), button("captions_on", () => player.captions(), icon("captions"), { id: "captions" }),
    button("full", () => player.full(), icon("full")),
    h("button", { type: "button", class: "small", onclick: () => tell("copy", link({ t: player.time })) }, t("copy_link")),
    beside);
}

async function drawHeat() {
  const id = state.video;
  const q = state.q.trim();
  const marks = state.hits.filter((m) => m.video.id === id);
  player?.mark(heat.video === id && heat.q === q ? heat.curve : null, marks);
  if (!id || !q || (heat.video === id && heat.q === q)) return;
  try {
    const answer = await get(`/videos/${id}/heat`, { q });
    heat = { video: id, q, curve: answer.curve, moments: answer.moments };
    if (state.video === id && state.q.trim() === q) player?.mark(answer.curve, marks.length ? marks : answer.moments);
    tell("heat", heat);
  } catch { /* the player works without a curve */ }
}

function stop() {
  player?.stop();
  second?.stop();
  player = second = null;
}

function close() {
  stop();
  go({ video: "", t: 0, end: null, other: "", chat: "", tab: "moments" });
  hide();
  byId("q").focus();
}

function hide() {
  stop();
  byId("viewer").hidden = true;
  byId("viewer").removeAttribute("aria-labelledby");
  byId("main").classList.remove("split", "talking");
  document.title = "whenabouts";
  show(byId("viewer"));
}

function appear(place) {
  place.hidden = false;
  place.setAttribute("aria-labelledby", "viewer-title");
  byId("main").classList.add("split");
}

const closer = () => h("button", { type: "button", class: "small", onclick: close }, t("close"));

/** The talk about the whole library, without a video beside it yet. */
function openTalk() {
  stop();
  const place = byId("viewer");
  appear(place);
  byId("main").classList.add("talking");
  show(place, h("div", { class: "head" }, h("h2", { id: "viewer-title", tabindex: -1 }, t("chat")), closer()), chatPanel());
}

async function open(anew) {
  const place = byId("viewer");
  if (!state.video) {
    if (state.tab === "chat") openTalk();
    else if (!place.hidden) hide();
    return;
  }
  const both = state.other && state.other !== state.video ? state.other : "";
  if (!anew && player && player.video.id === state.video && (second?.video.id || "") === both) {
    player.seek(state.t, state.end);
    player.whenPainted(() => tell("painted"));
    drawHeat();
    return;
  }
  let found, other;
  try {
    found = await about(state.video);
    other = both ? await about(both) : null;
  } catch (fault) {
    stop();
    appear(place);
    show(place, h("div", { class: "head" }, h("h2", { id: "viewer-title" }, t("video")), closer()), h("p", { class: "fault", role: "alert" }, fault.message));
    return;
  }
  stop();
  second = other ? playerOf(other) : null;
  player = taken(found.id) || playerOf(found);
  player.seek(state.t, state.end);
  second?.seek(0);
  const hit = state.hits.find((m) => m.video.id === found.id && Math.abs(m.start_s - state.t) < 1e-3);
  const picture = hit ? pictureOf(hit) : "";
  if (picture) player.cover(picture);
  player.whenPainted(() => tell("painted"));
  appear(place);
  byId("main").classList.remove("talking");
  const name = fileName(found.path);
  show(place,
    h("div", { class: "watch" },
      h("div", { class: "head" }, h("h2", { id: "viewer-title", tabindex: -1 }, second ? `${name} / ${fileName(other.path)}` : name), closer()),
      h("div", { class: second ? "stage two" : "stage" }, player.element, second ? second.element : null),
      controls(),
      h("details", { class: "notes" }, h("summary", {}, t("keys").split(/[:：]/)[0]), h("p", {}, t("keys").split(/[:：](.*)/s)[1]))),
    panels(found));
  player.place(state.t);
  player.shown();
  say(`${name} ${clock(state.t)}`);
  document.title = `${name} · whenabouts`;
  drawHeat();
}

let opening = Promise.resolve();

export function setUpViewer() {
  on("video", () => { opening = open(false); });
  on("redraw", () => { opening = open(true); });
  on("play", () => opening.then(() => player?.play()));
  on("hits", () => player && drawHeat());
  on("talk", () => {
    go({ tab: "chat" });
    open(true).then(() => byId("message")?.focus());
  });
  on("toggle", () => player?.toggle());
  on("jump", (by) => player?.seek(player.time + by));
  on("frame", (by) => player?.seek(player.time + by / (player.video.fps || 25)));
  on("seek", ({ t: time_s, end }) => {
    go({ t: time_s, end: end ?? null }, true);
    player?.seek(time_s, end);
  });
  on("mute", () => player?.mute());
  on("full", () => player?.full());
  on("compare", (moment) => {
    if (!state.video || state.video === moment.video.id) tell("open", { video: moment.video.id, t: moment.start_s, end: moment.end_s });
    else tell("open", { other: moment.video.id });
  });
  on("choose", () => {
    const hit = state.hits[state.at];
    if (!hit) return;
    const box = byId("browse").querySelector(".card.now .tick input");
    if (box) box.click();
    else chooser(hit).querySelector("input").click();
  });
}
