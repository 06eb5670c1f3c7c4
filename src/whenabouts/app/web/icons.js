// The signs on buttons, drawn here: fonts differ, and nothing is loaded from elsewhere.

import { svg } from "./dom.js";

const PATHS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M6.5 4.5h4v15h-4zM13.5 4.5h4v15h-4z",
  previous: "M5 4.5h3v15H5zM20 4.5v15L9.5 12z",
  next: "M16 4.5h3v15h-3zM4 4.5v15L14.5 12z",
  sound: "M3 9v6h4l6 5V4L7 9zM16 8.5a5 5 0 0 1 0 7v-2.1a3 3 0 0 0 0-2.8zM16 4.6a9 9 0 0 1 0 14.8v-2.4a7 7 0 0 0 0-10z",
  mute: "M3 9v6h4l6 5V4L7 9zM15.6 9.4l1.4-1.4 2 2 2-2 1.4 1.4-2 2.6 2 2-1.4 1.4-2-2-2 2-1.4-1.4 2-2z",
  captions: "M3 5h18v14H3zM5 7v10h14V7zM7 13h6v2H7zM14 13h3v2h-3zM7 10h3v2H7zM11 10h6v2h-6z",
  full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  theme: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM12 5v14a7 7 0 0 0 0-14z",
  add: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  talk: "M3 4h18v13H9l-5 4v-4H3zM5 6v9h14V6z",
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[name], "fill-rule": "evenodd" }));
}
