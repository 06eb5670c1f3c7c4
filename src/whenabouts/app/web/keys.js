// Keys for the whole page. What is typed into a field stays there.

import { byId } from "./dom.js";
import { state, tell } from "./state.js";

const FIELDS = "input:not([type=checkbox]):not([type=range]), textarea, select";

const KEYS = {
  " ": () => tell("toggle"), k: () => tell("toggle"), j: () => tell("jump", -5), l: () => tell("jump", 5),
  ArrowLeft: () => tell("jump", -1), ArrowRight: () => tell("jump", 1), ",": () => tell("frame", -1), ".": () => tell("frame", 1),
  n: () => tell("next"), p: () => tell("previous"), c: () => tell("choose"), m: () => tell("mute"), f: () => tell("full"),
};

function hear(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const there = event.target;
  if (event.key === "Escape" && there.matches?.(FIELDS)) there.blur();
  if (there.matches?.(FIELDS)) return;
  if (event.key === "/") {
    event.preventDefault();
    byId("q").focus();
    byId("q").select();
    return;
  }
  if (event.key === " " && there.matches?.("button, a, summary, input, [role=tab]")) return;
  if (event.key.startsWith("Arrow") && there.closest?.("[role=tablist], [role=slider], [type=range]")) return;
  const act = KEYS[event.key];
  if (!act || (!state.video && !"np".includes(event.key))) return;
  event.preventDefault();
  act();
}

export function setUpKeys() {
  addEventListener("keydown", hear);
}
