// Left side: the wall of the library, or the hits of a search.

import { get, pictureUrl, post, send, spriteUrl } from "./api.js";
import { card, rest, sharpen } from "./card.js";
import { byId, clock, fileName, h, momentId, say, show } from "./dom.js";
import { go, link, on, state, tell } from "./state.js";
import { t } from "./words.js";

const PAGE = 60;
const QUIET_MS = 500;
const SETTLED_MS = 350;
let settling = 0;
let running = null;
let wall = { total: 0, videos: [] };

function title(text, beside) {
  byId("browse").setAttribute("aria-labelledby", "browse-title");
  return h("div", { class: "head" }, h("h2", { id: "browse-title" }, text), beside ? h("p", {}, beside) : null);
}

// The wall

async function preview(pane, id) {
  const tiles = await get(`/videos/${id}/sprite.json`);
  const moving = h("div", { class: "moving" });
  let at = 0;
  const step = () => {
    const shot = tiles.shots[at++ % tiles.shots.length];
    const across = tiles.columns > 1 ? (shot.column / (tiles.columns - 1)) * 100 : 0;
    const down = tiles.rows > 1 ? (shot.row / (tiles.rows - 1)) * 100 : 0;
    moving.style.backgroundPosition = `${across}% ${down}%`;
  };
  moving.style.backgroundImage = `url("${spriteUrl(id)}")`;
  moving.style.backgroundSize = `${tiles.columns * 100}% ${tiles.rows * 100}%`;
  step();
  pane.append(moving);
  const timer = setInterval(step, 350);
  return () => {
    clearInterval(timer);
    moving.remove();
  };
}

function tile(video) {
  let end = null;
  const pane = h("div", { class: "pane" },
    h("img", { src: pictureUrl(video.id, video.duration_s * 0.3), alt: "", loading: "lazy" }),
    h("span", { class: "time" }, clock(video.duration_s).replace(/\.\d$/, "")));
  const change = { video: video.id, t: 0, end: null };
  const begin = () => { end = end || preview(pane, video.id).catch(() => null); };
  const stop = () => { Promise.resolve(end).then((leave) => leave && leave()); end = null; };
  return h("li", { class: "tile" }, h("a", { href: link(change), onpointerenter: begin, onpointerleave: stop, onfocus: begin, onblur: stop,
    onclick: (e) => (e.preventDefault(), tell("open", change)) }, pane, h("span", { class: "name" }, fileName(video.path))));
}

async function showWall(more) {
  const place = byId("browse");
  if (!more) wall = { total: 0, videos: [] };
  try {
    const page = await get("/videos", { offset: wall.videos.length, limit: PAGE });
    wall = { total: page.total, videos: [...wall.videos, ...page.videos] };
  } catch (fault) {
    show(place, title(t("library")), h("p", { class: "fault", role: "alert" }, fault.message));
    return;
  }
  if (state.q) return;
  const length_s = wall.videos.reduce((sum, v) => sum + v.duration_s, 0);
  show(place, title(t("library"), t("videos", { n: wall.total, s: clock(length_s).replace(/\.\d$/, "") })),
    wall.total ? h("ul", { class: "wall" }, wall.videos.map(tile)) : h("div", { class: "empty" }, h("p", {}, t("empty")), h("button", { type: "button", class: "main", onclick: () => tell("work") }, t("add"))),
    wall.videos.length < wall.total ? h("button", { type: "button", onclick: () => showWall(true) }, t("more")) : null);
}

// The hits

function found(n, name) {
  if (!n) return t("none");
  return n === 1 ? t("results_1", { q: name }) : t("results", { n, q: name });
}

function showHits(answer, name) {
  state.hits = answer.hits;
  locate();
  const place = byId("browse");
  const notes = [...answer.notes, answer.reason].filter(Boolean);
  show(place,
    title(found(answer.hits.length, name), t("took", { n: answer.took_ms < 10 ? answer.took_ms.toFixed(1) : Math.round(answer.took_ms) })),
    notes.map((text) => h("p", { class: "reason" }, text)),
    h("div", { class: "hits" }, answer.hits.map((moment, at) => card(moment, at + 1))));
  say(answer.hits.length === 1 ? t("found_1") : answer.hits.length ? t("found_n", { n: answer.hits.length }) : t("none"));
  sharpen(place, QUIET_MS);
  clearTimeout(settling);
  settling = setTimeout(() => answer.hits.length && tell("near", answer.hits[0]), SETTLED_MS);
  mark();
  tell("hits");
}

async function find(ask, name) {
  running?.abort();
  running = new AbortController();
  const mine = running;
  try {
    const answer = await ask(mine.signal);
    if (mine === running) showHits(answer, name);
  } catch (fault) {
    if (fault.name === "AbortError" || mine !== running) return;
    show(byId("browse"), title(t("search")), h("p", { class: "fault", role: "alert" }, fault.message));
  }
}

function wished() {
  const { unsure, channel, ...filters } = state.filters;
  return { limit: 20, floor: unsure ? 0 : undefined, channels: channel ? [channel] : undefined, filters };
}

function search() {
  const query = state.q.trim();
  if (query) find((signal) => post("/search", { query, ...wished() }, signal), query);
  else {
    running?.abort();
    state.hits = [];
    tell("hits");
    showWall();
  }
}

/** Which of the hits the player stands in. */
function locate() {
  const here = (m) => m.video.id === state.video && (Math.abs(m.start_s - state.t) < 1e-3 || (state.t >= m.start_s && state.t < m.end_s));
  state.at = state.hits.findIndex(here);
}

/** The hit that is open, so that eye and screen reader find it. */
function mark() {
  const now = state.hits[state.at];
  for (const one of byId("browse").querySelectorAll(".card")) {
    const is = now !== undefined && one.dataset.moment === momentId(now);
    one.classList.toggle("now", is);
    if (is) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
    if (is) one.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  if (!state.hits.length) return;
  const at = Math.min(Math.max(state.at + by, 0), state.hits.length - 1);
  const hit = state.hits[at];
  tell("open", { video: hit.video.id, t: hit.start_s, end: hit.end_s });
}

export function setUpBrowse() {
  on("redraw", search);
  on("search", search);
  on("grown", () => (state.q ? search() : showWall()));
  on("alike", (moment) => {
    go({ q: "" });
    byId("q").value = "";
    find((signal) => post("/search/like", { moment: momentId(moment), ...wished() }, signal), t("alike"));
  });
  on("image", (file) => find(() => send("/search/image?limit=20", file), file.name));
  on("near", () => clearTimeout(settling));  // whom the pointer is on comes before the first hit
  on("painted", () => {
    sharpen(byId("main"), QUIET_MS);
    const next = state.hits[state.at + 1];
    if (next && state.at >= 0) tell("near", next);
  });
  on("video", () => {
    clearTimeout(settling);
    rest();
    locate();
    mark();
  });
  on("next", () => step(1));
  on("previous", () => step(-1));
}
