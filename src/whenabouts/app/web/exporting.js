// What was chosen, and taking it elsewhere.

import { work } from "./api.js";
import { byId, h, momentId, say, show } from "./dom.js";
import { on, state, tell } from "./state.js";
import { t } from "./words.js";

const FORMATS = ["clip", "csv", "vtt", "otio", "edl", "fcpxml"];
let format = "clip";

function draw() {
  const tray = byId("tray");
  tray.hidden = !state.chosen.size;
  if (!state.chosen.size) return;
  const out = h("span", { "aria-live": "polite", id: "exported" });
  const exact = h("input", { type: "checkbox", id: "exact" });
  const exactLabel = h("label", { class: "tick" }, exact, t("exact"));
  exactLabel.hidden = format !== "clip";
  const select = h("select", { "aria-label": t("format"), onchange: (e) => {
    format = e.target.value;
    exactLabel.hidden = format !== "clip";
  } }, FORMATS.map((one) => h("option", { value: one, selected: one === format }, t(one))));
  const run = h("button", { type: "button", class: "main", id: "export", onclick: async () => {
    run.disabled = true;
    show(out, t("working"));
    try {
      const answer = await work("/exports", { moments: [...state.chosen.keys()], to: format, exact: exact.checked, title: state.q.trim() || "moments" },
        (news) => news.progress.text && (out.textContent = news.progress.text));
      show(out, answer.files.map((file) => [h("a", { href: file.url, download: file.name }, t("fetch", { name: file.name })), " "]).flat(),
        answer.notes.map((one) => h("span", { class: "notes" }, ` ${one}`)));
      say(t("done"));
    } catch (fault) {
      show(out, h("span", { class: "fault", role: "alert" }, fault.message));
    }
    run.disabled = false;
  } }, t("export"));
  show(tray, h("b", {}, t("chosen", { n: state.chosen.size })), select, exactLabel, run,
    h("button", { type: "button", onclick: () => {
      state.chosen.clear();
      for (const box of document.querySelectorAll(".card .tick input")) box.checked = false;
      tell("chosen");
    } }, t("clear")), out);
}

export function setUpTray() {
  on("chosen", draw);
  on("redraw", draw);
  on("format", (wished) => {
    if (FORMATS.includes(wished)) format = wished;
  });
  on("pick", (moment) => {
    state.chosen.set(momentId(moment), moment);
    draw();
  });
}
