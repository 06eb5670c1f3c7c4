// What the page shows now, and who wants to know when that changes. The address holds all of it
// that another person needs to see the same: ?q= words, v= video, t= and e= seconds, chat=, with=.

const heard = new Map();

export const state = {
  q: "", video: "", t: 0, end: null, chat: "", other: "", tab: "moments",
  hits: [], at: -1, chosen: new Map(), models: [], listing: 0,
};

export function on(name, hear) {
  if (!heard.has(name)) heard.set(name, []);
  heard.get(name).push(hear);
}

export function tell(name, value) {
  for (const hear of heard.get(name) || []) hear(value);
}

const NAMES = { q: "q", video: "v", chat: "chat", other: "with" };

export function read() {
  const words = new URLSearchParams(location.search);
  state.q = words.get("q") || "";
  state.video = words.get("v") || "";
  state.t = Number(words.get("t")) || 0;
  state.end = words.has("e") ? Number(words.get("e")) : null;
  state.chat = words.get("chat") || "";
  state.other = words.get("with") || "";
  state.tab = words.get("tab") || (state.chat && !state.video ? "chat" : "moments");
}

export function link(change) {
  const next = { ...state, ...change };
  const words = new URLSearchParams();
  for (const name of ["q", "video", "chat", "other"]) if (next[name]) words.set(NAMES[name], next[name]);
  if (next.tab !== "moments" && (next.video || (next.tab === "chat" && !next.chat))) words.set("tab", next.tab);
  if (next.video && next.t) words.set("t", String(Math.round(next.t * 1000) / 1000));
  if (next.video && next.end !== null && next.end !== undefined) words.set("e", String(Math.round(next.end * 1000) / 1000));
  const text = words.toString();
  return text ? `/?${text}` : "/";
}

/** Change what is shown; `replace` leaves no step for the back button. */
export function go(change, replace) {
  Object.assign(state, change);
  history[replace ? "replaceState" : "pushState"](null, "", link({}));
}
