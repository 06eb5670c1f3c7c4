// Panels that ask a model about one video: talk, captions, highlights, locate and answer.

import { follow, pictureUrl, post, send, work } from "./api.js";
import { field, generate, generateControls, modelChoice } from "./controls.js";
import { drawing, timeAt } from "./curve.js";
import { clock, h, say, show } from "./dom.js";
import { spans } from "./spans.js";
import { state, tell } from "./state.js";
import { lang, t } from "./words.js";

function languages() {
  return h("select", {}, [["en", "english"], ["zh", "chinese"]].map(([code, key]) => h("option", { value: code, selected: code === lang }, t(key))));
}

const notes = (texts) => (texts.length ? h("ul", { class: "notes", "aria-label": t("notes") }, texts.map((one) => h("li", {}, one))) : null);

function saliency(answer) {
  if (!answer.saliency) return null;
  const length_s = answer.video.duration_s || 1;
  const curve = drawing(answer.saliency, length_s, answer.moments.map((m) => ({ ...m, best: true })), t("curve"));
  curve.addEventListener("click", (e) => tell("seek", { t: timeAt(e, curve, length_s) }));
  return curve;
}

/** A form that starts long work, shows how far it is, and can be stopped. */
function form(fields, path, body, draw, main) {
  const out = h("div", { class: "panel", "aria-live": "polite" });
  const run = h("button", { type: "submit", class: "main" }, main || t("run"));
  const stop = h("button", { type: "button", hidden: true }, t("stop"));
  let job = "";
  stop.addEventListener("click", () => job && post(`/jobs/${job}/cancel`).catch(() => {}));
  const element = h("form", { class: "panel", onsubmit: async (e) => {
    e.preventDefault();
    run.disabled = true;
    stop.hidden = false;
    show(out, h("p", {}, t("working")));
    try {
      const answer = await work(path, body(), (news) => {
        job = news.id;
        if (news.progress.text && news.state === "running") show(out, h("p", { class: "answer" }, news.progress.text));
      });
      show(out, draw(answer), notes(answer.notes));
      say(t("done"));
    } catch (fault) {
      show(out, h("p", { class: "fault", role: "alert" }, fault.message));
    }
    run.disabled = false;
    stop.hidden = true;
    job = "";
  } }, fields, h("div", { class: "row" }, run, stop));
  return h("div", { class: "panel" }, element, out);
}

export function captionPanel(file) {
  const model = modelChoice("caption");
  const select = languages();
  return form([model.missing, h("div", { class: "row" }, model.element, field(t("language"), select)), generateControls()], "/caption",
    () => ({ video: file.id, model: model.value(), lang: select.value, generate: generate() }),
    (answer) => spans(answer.moments, t("caption")));
}

export function highlightsPanel(file) {
  const model = modelChoice("highlights");
  const query = h("input", { maxlength: 2000 });
  return form([h("div", { class: "row" }, field(t("query"), query), model.element), generateControls()], "/highlights",
    () => ({ video: file.id, model: model.value(), query: query.value, generate: generate() }),
    (answer) => [saliency(answer), spans(answer.moments, t("highlights"))]);
}

export function locatePanel(file) {
  const model = modelChoice("locate");
  const question = h("input", { required: true, maxlength: 2000 });
  const options = h("textarea", { rows: 3 });
  const frames = h("input", { type: "number", min: 1, max: 1024, value: 32 });
  const keys = h("input", { type: "number", min: 1, max: 64, value: 4 });
  const choices = () => options.value.split("\n").map((one) => one.trim()).filter(Boolean);
  // Only a SeViLA looks for frames of its own; other models read all of theirs alike.
  const finds = () => state.models.some((one) => one.name === model.value() && one.kind === "sevila");
  return form([model.missing, field(t("question"), question), field(t("options"), options),
    h("div", { class: "row" }, model.element, field(t("frames"), frames), field(t("key_frames"), keys))], "/ask",
  () => ({ video: file.id, model: model.value(), question: question.value, choices: choices(), key_frames: finds() ? Number(keys.value) : null, generate: { frames: Number(frames.value) } }),
  (answer) => [
    h("p", { class: "answer" }, h("b", {}, `${t("answer")}: `), answer.text),
    answer.confidence === null || answer.confidence === undefined ? null : h("p", {}, t("confidence", { n: answer.confidence.toFixed(2) })),
    (answer.chances || []).length > 1 ? h("ul", { class: "notes" }, answer.chances.map((one, at) => h("li", {}, `${choices()[at] ?? at + 1}: ${one.toFixed(2)}`))) : null,
    saliency(answer),
    h("ul", { class: "gallery", "aria-label": t("key_frames") }, (answer.key_frames_s || []).map((time_s) => h("li", {}, h("button", { type: "button", onclick: () => tell("seek", { t: time_s }) },
      h("img", { src: pictureUrl(file.id, time_s, true), alt: t("exact_frame", { t: clock(time_s) }) }), `${time_s.toFixed(2)} s`)))),
    spans(answer.moments, t("moments"))], t("localize"));
}

/** Talk about one video, as the demos of TimeChat and VTG-LLM offer it; their sliders count here. */
export function askPanel(file) {
  const model = modelChoice("ask");
  const talk = h("div", { class: "talk", role: "log", "aria-label": t("ask") });
  let history = [];
  const bubble = (role, children) => {
    const one = h("div", { class: `turn ${role}` }, children);
    talk.append(one);
    talk.scrollTop = talk.scrollHeight;
    return one;
  };
  const text = h("textarea", { rows: 2, required: true, maxlength: 2000, "aria-label": t("question"), onkeydown: (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      talkForm.requestSubmit();
    }
  } });
  const button = h("button", { type: "submit", class: "main" }, t("send"));
  const stop = h("button", { type: "button", hidden: true }, t("stop"));
  let job = "";
  stop.addEventListener("click", () => job && post(`/jobs/${job}/cancel`).catch(() => {}));
  const talkForm = h("form", { class: "say", onsubmit: async (e) => {
    e.preventDefault();
    const question = text.value.trim();
    if (!question) return;
    text.value = "";
    bubble("user", question);
    const place = bubble("assistant", t("working"));
    button.disabled = true;
    stop.hidden = false;
    try {
      const answer = await work("/ask", { video: file.id, model: model.value(), question, history, generate: generate() }, (news) => {
        job = news.id;
        if (news.state === "running" && news.progress.stage === "answer") place.textContent = news.progress.text;
      });
      history = [...history, { role: "user", text: question }, { role: "assistant", text: answer.text }];
      show(place, answer.text, answer.moments.length ? spans(answer.moments, t("moments")) : null, notes(answer.notes));
    } catch (fault) {
      show(place, h("span", { class: "fault", role: "alert" }, fault.message));
    }
    button.disabled = false;
    stop.hidden = true;
    job = "";
  } }, text, button, stop);
  const restart = h("button", { type: "button", title: t("restart_note"), onclick: () => {
    history = [];
    talk.replaceChildren();
    text.focus();
  } }, t("restart"));
  const upload = h("input", { type: "file", accept: "video/*,image/*", onchange: async () => {
    const chosen = upload.files[0];
    if (!chosen) return;
    try {
      const answer = await send(`/uploads?name=${encodeURIComponent(chosen.name)}`, chosen, (share) => say(t("uploading", { n: Math.round(share * 100) })));
      await follow(answer.job.id);
      tell("grown");
      tell("open", { video: answer.video.id, t: 0, end: null, tab: "ask" });
    } catch (fault) {
      bubble("assistant", h("span", { class: "fault", role: "alert" }, fault.message));
    }
  } });
  return h("div", { class: "panel" }, model.missing, h("div", { class: "row" }, model.element, field(t("upload_chat"), upload), restart),
    generateControls(), h("p", { class: "hint" }, `${t("image_note")} ${t("limit_note")}`), talk, talkForm);
}
