// Right side: the player of one video (or two beside each other), and its panels.

import { get } from "./api.js";
import { byId, clock, fileName, h, say, show } from "./dom.js";
import { panels } from "./panels.js";
import { Player } from "./player.js";
import { go, link, on, state, tell } from "./state.js";
import { chooser } from "./card.js";
import { t } from "./words.js";

const known = new Map();
let player = null;
let second = null;
let heat = { video: "", q: "", curve: null };

async function about(id) {
  if (!known.has(id)) known.set(id, await get(`/videos/${id}`));
  return known.get(id);
}

const asVideo = (v) => ({ id: v.id, path: v.path, duration_s: v.duration_s, fps: v.fps, width: v.width, height: v.height });

export const now = () => ({ player, video: player && player.video });

function controls() {
  const button = (key, name, value, text) => h("button", { type: "button", class: "small", "aria-label": t(key), title: t(key), onclick: () => tell(name, value) }, text);
  const time = h("output", { id: "now", "aria-label": t("timeline") });
  const more = second ? [
    h("button", { type: "button", class: "small", onclick: () => { player.toggle(); second.toggle(); } }, t("together")),
    h("button", { type: "button", class: "small", onclick: () => { go({ other: "" }); open(true); } }, t("end_compare")),
  ] : [];
  return h("div", { class: "controls" },
    button("slower", "previous", null, "|◀"), button("back", "jump", -5, "−5 s"),
    h("button", { type: "button", class: "small main", id: "play", "aria-label": t("play"), onclick: () => player.toggle() }, "▶"),
    button("forward", "jump", 5, "+5 s"), button("faster", "next", null, "▶|"), time,
    h("button", { type: "button", class: "small", onclick: () => tell("copy", link({ t: player.time })) }, t("copy_link")),
    more);
}

async function drawHeat() {
  const id = state.video;
  const q = state.q.trim();
  const marks = state.hits.filter((m) => m.video.id === id);
  player?.mark(heat.video === id && heat.q === q ? heat.curve : null, marks);
  if (!q || (heat.video === id && heat.q === q)) return;
  try {
    const answer = await get(`/videos/${id}/heat`, { q });
    heat = { video: id, q, curve: answer.curve, moments: answer.moments };
    if (state.video === id && state.q.trim() === q) player?.mark(answer.curve, marks.length ? marks : answer.moments);
    tell("heat", heat);
  } catch { /* the player works without a curve */ }
}

function close() {
  player?.stop();
  second?.stop();
  player = second = null;
  go({ video: "", t: 0, end: null, other: "" });
  byId("viewer").hidden = true;
  byId("main").classList.remove("split");
  show(byId("viewer"));
  byId("q").focus();
}

async function open(anew) {
  const place = byId("viewer");
  if (!state.video) {
    if (!place.hidden) close();
    return;
  }
  const both = state.other && state.other !== state.video ? state.other : "";
  if (!anew && player && player.video.id === state.video && (second?.video.id || "") === both) {
    player.seek(state.t, state.end);
    return;
  }
  let found, other;
  try {
    found = await about(state.video);
    other = both ? await about(both) : null;
  } catch (fault) {
    place.hidden = false;
    show(place, h("h2", { id: "viewer-title" }, t("video")), h("p", { class: "fault", role: "alert" }, fault.message));
    return;
  }
  player?.stop();
  second?.stop();
  second = other ? new Player(asVideo(other), other) : null;
  player = new Player(asVideo(found), found);
  place.hidden = false;
  byId("main").classList.add("split");
  const name = fileName(found.path);
  show(place,
    h("div", { class: "head" },
      h("h2", { id: "viewer-title", tabindex: -1 }, second ? `${name} / ${fileName(other.path)}` : name),
      h("button", { type: "button", class: "small", onclick: close }, t("close"))),
    h("div", { class: second ? "stage two" : "stage" }, player.element, second ? second.element : null),
    controls(),
    h("p", { class: "notes" }, t("keys")),
    panels(found));
  player.seek(state.t, state.end);
  second?.seek(0);
  say(`${name} ${clock(state.t)}`);
  document.title = `${name} · whenabouts`;
  drawHeat();
}

export function setUpViewer() {
  on("video", () => open(false).then(drawHeat));
  on("redraw", () => open(true));
  on("hits", () => player && drawHeat());
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
    if (hit) chooser(hit).querySelector("input").click();
    tell("chosen");
  });
}
