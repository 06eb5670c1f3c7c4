// The player of the moment that is likely opened next, made ready before somebody asks for it.

import { get } from "./api.js";
import { Player } from "./player.js";
import { on, state } from "./state.js";

const DWELL_MS = 60;
const known = new Map();
let ready = null;
let dwelling = 0;

export async function about(id) {
  if (!known.has(id)) known.set(id, await get(`/videos/${id}`));
  return known.get(id);
}

export function playerOf(file) {
  return new Player({ id: file.id, path: file.path, duration_s: file.duration_s, fps: file.fps, width: file.width, height: file.height }, file);
}

/** The player of a video that was made ready, at most once; else null. */
export function taken(id) {
  if (ready?.video.id !== id) return null;
  const player = ready;
  ready = null;
  return player;
}

async function prepare(moment) {
  const id = moment.video.id;
  const file = await about(id);
  const playing = document.querySelector("#viewer video");
  if (id === state.video || file.kind === "image" || (playing && !playing.paused)) return;
  if (ready?.video.id !== id) {
    ready?.stop();
    ready = playerOf(file);
  }
  ready.seek(moment.start_s, moment.end_s);
}

export function setUpAhead() {
  on("near", (moment) => {
    clearTimeout(dwelling);
    dwelling = setTimeout(() => prepare(moment).catch(() => {}), DWELL_MS);
  });
  on("video", () => clearTimeout(dwelling));
}
