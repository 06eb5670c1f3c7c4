// A score over time as a drawing: for cards, and behind the timeline of the player.

import { svg } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 100;

function points(curve, duration_s) {
  const low = Math.min(...curve.scores);
  const high = Math.max(...curve.scores);
  return curve.times_s.map((time_s, at) => [
    (Math.min(time_s / duration_s, 1)) * WIDTH,
    HEIGHT - 4 - (HEIGHT - 8) * ((curve.scores[at] - low) / ((high - low) || 1)),
  ]);
}

/** `marks`: spans {start_s, end_s, best}. */
export function drawing(curve, duration_s, marks, label) {
  const parts = [];
  for (const mark of marks) {
    const left = (mark.start_s / duration_s) * WIDTH;
    const width = Math.max(4, ((mark.end_s - mark.start_s) / duration_s) * WIDTH);
    parts.push(svg("rect", { class: mark.best ? "mark best" : "mark", x: left.toFixed(1), y: 0, width: width.toFixed(1), height: HEIGHT }));
  }
  if (curve && curve.times_s.length > 1) {
    const line = points(curve, duration_s).map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
    parts.push(svg("path", { class: "heat", d: `M0 ${HEIGHT} L${line.join(" L")} L${WIDTH} ${HEIGHT} Z` }));
    parts.push(svg("path", { class: "line", d: `M${line.join(" L")}` }));
  }
  const attributes = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "curve" };
  if (label) Object.assign(attributes, { role: "img", "aria-label": label });
  else attributes["aria-hidden"] = "true";
  return svg("svg", attributes, parts);
}

/** Where in a video a click on a drawing of it lies, seconds. */
export function timeAt(event, element, duration_s) {
  const box = element.getBoundingClientRect();
  return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * duration_s;
}
