// The panels below the player, as tabs.

import { get } from "./api.js";
import { chatPanel } from "./chat.js";
import { clock, h, newId, show } from "./dom.js";
import { spans } from "./spans.js";
import { askPanel, captionPanel, highlightsPanel, locatePanel } from "./watching.js";
import { go, on, state, tell } from "./state.js";
import { t } from "./words.js";

const TABS = ["moments", "chat", "ask", "caption", "highlights", "locate", "texts"];
let redraw = null;

function momentsPanel(file) {
  const place = h("div", { class: "panel" });
  const draw = (heat) => {
    const own = state.hits.filter((m) => m.video.id === file.id);
    const found = own.length ? own : (heat && heat.video === file.id ? heat.moments : []);
    show(place, spans([...found].sort((a, b) => a.start_s - b.start_s), t("moments")));
  };
  redraw = draw;
  draw(null);
  return place;
}

function textsPanel(file) {
  const place = h("div", { class: "panel" }, t("working"));
  get(`/videos/${file.id}/texts`).then((answer) => {
    const lines = answer.texts.filter((one) => one.text);
    if (!lines.length) show(place, h("p", {}, t("no_text")));
    else show(place, h("ol", { class: "list" }, lines.map((one) => h("li", {}, h("button", { type: "button", onclick: () => tell("seek", { t: one.start_s }) },
      h("time", {}, clock(one.start_s)), h("b", {}, `${t(one.channel === "name" ? "name_channel" : one.channel)}: `), one.text)))));
  }).catch((fault) => show(place, h("p", { class: "fault", role: "alert" }, fault.message)));
  return place;
}

const MAKE = { moments: momentsPanel, chat: chatPanel, ask: askPanel, caption: captionPanel, highlights: highlightsPanel, locate: locatePanel, texts: textsPanel };

export function panels(file) {
  const id = newId("panel");
  const body = h("div", { role: "tabpanel", id, tabindex: 0 });
  const tabs = TABS.map((name) => h("button", { type: "button", role: "tab", id: `${id}-${name}`, "aria-controls": id, onclick: () => choose(name, true) }, t(name)));
  const choose = (name, keep) => {
    if (!(name in MAKE)) name = "moments";
    if (keep) go({ tab: name }, true);
    redraw = null;
    tabs.forEach((tab, at) => {
      const is = TABS[at] === name;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
    });
    body.setAttribute("aria-labelledby", `${id}-${name}`);
    show(body, MAKE[name](file));
  };
  const list = h("div", { role: "tablist", "aria-label": t("panels"), onkeydown: (e) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!by) return;
    const at = (tabs.indexOf(document.activeElement) + by + tabs.length) % tabs.length;
    choose(TABS[at], true);
    tabs[at].focus();
    e.preventDefault();
  } }, tabs);
  choose(state.tab, false);
  return h("div", { class: "panels" }, list, body);
}

on("heat", (heat) => redraw && redraw(heat));
on("hits", () => redraw && redraw(null));
