// Talk about the whole library: find the video, the moment, the answer. Answers come with cards.

import { get, post, remove, stream } from "./api.js";
import { card, opener, sharpen } from "./card.js";
import { h, say, show } from "./dom.js";
import { go, state, tell } from "./state.js";
import { lang, t } from "./words.js";

const LIKES = { en: (n) => `I like number ${n}`, zh: (n) => `我喜欢第${n}个` };
const DISLIKES = { en: (n) => `I don't like number ${n}`, zh: (n) => `我不喜欢第${n}个` };

function turn(one, speak) {
  const judged = (at) => (what) => speak((what === "like" ? LIKES : DISLIKES)[lang](at + 1));
  return h("div", { class: `turn ${one.role}` },
    h("span", { class: "quiet" }, `${t(one.role === "user" ? "you" : "it")}: `), h("span", {}, one.text),
    one.moments.map((moment, at) => card(moment, at + 1, judged(at))));
}

function acted(one) {
  const wish = one.request;
  const named = wish && wish.moments && wish.moments.length ? wish.moments : one.moments;
  const first = named[0];
  if (!first) return;
  if (wish && wish.do === "export") {
    tell("format", wish.to);
    for (const moment of named) tell("pick", moment);
  } else if (one.act === "compare" && named.length > 1) {
    tell("open", { ...opener(first), other: named[1].video.id, tab: "chat" });
  } else if (wish || one.act === "show" || (one.act === "moment" && named.length === 1)) {
    tell("open", { ...opener(first), tab: "chat" });
    if (wish && wish.do === "play") tell("play");
  }
}

function made() {
  const talk = h("div", { class: "talk", role: "log", "aria-label": t("chat"), tabindex: 0 }, h("p", { class: "hello" }, t("hello")));
  const text = h("textarea", { rows: 2, maxlength: 2000, required: true, "aria-label": t("message"), id: "message" });
  const button = h("button", { type: "submit", class: "main" }, t("send"));

  const toEnd = () => { talk.scrollTop = talk.scrollHeight; };
  const add = (one) => {
    const made = turn(one, speak);
    talk.append(made);
    toEnd();
    return made;
  };

  async function speak(words) {
    button.disabled = true;
    if (!state.chat) {
      go({ chat: (await post("/chats")).id }, true);
      kept.chat = state.chat;
    }
    if (talk.querySelector(".hello")) talk.replaceChildren();
    add({ role: "user", text: words, moments: [] });
    let place = add({ role: "assistant", text: t("working"), moments: [] });
    try {
      await stream(`/chats/${state.chat}/turns`, { text: words }, (name, value) => {
        if (name === "text") {
          place.lastChild.textContent = value.text;
          toEnd();
        }
        if (name === "turn") {
          const told = turn(value, speak);
          place.replaceWith(told);
          place = told;
          sharpen(talk, 0);
          // A long answer is read from its beginning.
          talk.scrollTop = told.offsetTop - talk.offsetTop - 8;
          say(value.text);
          acted(value);
        }
        if (name === "problem") show(place, h("span", { class: "fault", role: "alert" }, value.detail));
      });
    } catch (fault) {
      show(place, h("span", { class: "fault", role: "alert" }, fault.message));
    }
    button.disabled = false;
    listed();
  }

  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      form.requestSubmit();
    }
  });
  const form = h("form", { class: "say", onsubmit: (e) => {
    e.preventDefault();
    const words = text.value.trim();
    if (!words || button.disabled) return;
    text.value = "";
    speak(words);
  } }, text, button);
  const fresh = h("button", { type: "button", class: "small", onclick: () => {
    go({ chat: "" }, true);
    kept.chat = "";
    show(talk, h("p", { class: "hello" }, t("hello")));
    listed();
    text.focus();
  } }, t("new_chat"));
  const drop = h("button", { type: "button", class: "small", onclick: async () => {
    if (state.chat) await remove(`/chats/${state.chat}`).catch(() => {});
    fresh.click();
  } }, t("delete_chat"));
  const earlier = h("select", { "aria-label": t("chats"), onchange: () => {
    go({ chat: earlier.value }, true);
    kept.chat = state.chat;
    if (state.chat) read();
    else fresh.click();
  } });
  const listed = () => get("/chats", { limit: 30 }).then(({ chats }) => {
    show(earlier, h("option", { value: "" }, t("chats")), chats.map((one) => h("option", { value: one.id, selected: one.id === state.chat }, one.title || t("this_talk"))));
  }).catch(() => {});
  const read = () => get(`/chats/${state.chat}`).then((known) => show(talk, known.turns.map((one) => turn(one, speak))))
    .then(() => (toEnd(), sharpen(talk, 0)), (fault) => show(talk, h("p", { class: "fault", role: "alert" }, fault.message)));
  if (state.chat) read();
  listed();
  return h("div", { class: "panel chat" }, h("div", { class: "acts" }, fresh, drop, earlier), talk, form);
}

let kept = { chat: "", lang: "", element: null };

/** The talk as it stands: it goes on while videos are opened beside it. */
export function chatPanel() {
  if (kept.element && kept.chat === state.chat && kept.lang === lang) return kept.element;
  kept = { chat: state.chat, lang, element: null };
  kept.element = made();
  return kept.element;
}
