// The page begins here: the parts are put in their places and told about each other.

import { setUpAhead } from "./ahead.js";
import { get } from "./api.js";
import { setUpBrowse } from "./browse.js";
import { byId, say } from "./dom.js";
import { setUpKeys } from "./keys.js";
import { setUpTop } from "./top.js";
import { setUpTray } from "./exporting.js";
import { setUpViewer } from "./viewer.js";
import { setUpWork } from "./work.js";
import { go, on, read, state, tell } from "./state.js";
import { lang, setLang, t } from "./words.js";

function dress() {
  document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  byId("skip").textContent = t("skip");
}

async function copy(path) {
  await navigator.clipboard?.writeText(location.origin + path).catch(() => {});
  say(t("copied"));
}

on("lang", () => {
  setLang(lang === "zh" ? "en" : "zh");
  dress();
  tell("redraw");
});
on("theme", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark") && !getComputedStyle(document.documentElement).colorScheme.includes("light")
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  localStorage.setItem("theme", dark ? "light" : "dark");
  dress();
});
on("copy", copy);
on("open", (change) => {
  go(change);
  tell("video");
});
addEventListener("popstate", () => {
  read();
  tell("redraw");
});

read();
dress();
setUpTop();
setUpWork();
setUpTray();
setUpAhead();
setUpViewer();
setUpBrowse();
setUpKeys();
get("/models").then((answer) => {
  state.models = answer.models;
  tell("models");
}).catch(() => {});
tell("redraw");
