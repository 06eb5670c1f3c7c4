// Elements from values. Text only ever becomes text: nothing here reads HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string" && !(node instanceof SVGElement)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function show(place, ...children) {
  place.replaceChildren(...children.flat().filter(Boolean));
  return place;
}

export const byId = (id) => document.getElementById(id);

let number = 0;
export const newId = (stem) => `${stem}-${++number}`;

/** Tell a screen reader. */
export function say(text) {
  byId("say").textContent = text;
}

/** 751.04 as 12:31.0 */
export function clock(time_s) {
  const tenths = Math.round(time_s * 10);
  const s = Math.floor(tenths / 10) % 60;
  const m = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36000);
  const rest = `${String(s).padStart(2, "0")}.${tenths % 10}`;
  return hours ? `${hours}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
}

export const fileName = (path) => path.replace(/[\ud800-\udfff]/g, "\ufffd").split("/").pop();

const digits = (time_s) => String(Math.round(time_s * 1000) / 1000);

/** The name of a moment, as the calls take it. */
export const momentId = (m) => `${m.video.id}@${digits(m.start_s)}-${digits(m.end_s)}`;
