// Adding videos, and how far long work is.

import { follow, get, post, send } from "./api.js";
import { byId, fileName, h, say, show } from "./dom.js";
import { on, tell } from "./state.js";
import { t } from "./words.js";

const ENDED = ["done", "failed", "cancelled"];
const watched = new Set();
let poll = 0;

function line(job) {
  const running = !ENDED.includes(job.state);
  const { stage, done, total, text } = job.progress;
  return h("div", { class: "job" },
    h("div", { class: "head" }, h("b", {}, job.kind), h("span", {}, t(job.state), running && stage ? ` · ${stage}` : ""),
      running ? h("button", { type: "button", class: "small", onclick: () => post(`/jobs/${job.id}/cancel`).then(draw) }, t("cancel")) : null),
    running ? h("progress", { max: total || 1, value: total ? done : 0, "aria-label": job.kind }) : null,
    running && text ? h("span", { class: "notes" }, text) : null,
    job.error ? h("span", { class: "fault" }, job.error.detail) : null);
}

function watch(job) {
  if (watched.has(job.id) || ENDED.includes(job.state)) return;
  watched.add(job.id);
  follow(job.id, () => !byId("jobs").hidden && draw()).then(() => tell("grown"), () => tell("grown")).finally(draw);
}

async function index(paths) {
  const job = await post("/library/index", { paths });
  watch(job);
  draw();
}

async function upload(files, told) {
  for (const file of files) {
    const answer = await send(`/uploads?name=${encodeURIComponent(file.name)}`, file, (share) => { told.textContent = `${file.name}: ${t("uploading", { n: Math.round(share * 100) })}`; });
    told.textContent = file.name;
    watch(answer.job);
  }
  draw();
}

function adding() {
  const told = h("p", { "aria-live": "polite" });
  const fault = (error) => { show(told, h("span", { class: "fault", role: "alert" }, error.message)); };
  const path = h("input", { id: "path", maxlength: 4000, placeholder: "/home/me/Videos" });
  const file = h("input", { type: "file", multiple: true, accept: "video/*,audio/*,image/*", onchange: () => upload([...file.files], told).catch(fault) });
  const zone = h("form", { class: "drop", onsubmit: (e) => {
    e.preventDefault();
    index(path.value.trim() ? [path.value.trim()] : []).catch(fault);
  } },
  h("label", { class: "field" }, h("span", {}, t("path")), path), h("div", { class: "row" }, h("button", { type: "submit", class: "main" }, t("index"))),
  h("label", { class: "field" }, h("span", {}, t("upload")), file), told);
  zone.addEventListener("dragover", (e) => {
    e.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    const text = e.dataTransfer.getData("text/plain");
    if (e.dataTransfer.files.length) upload([...e.dataTransfer.files], told).catch(fault);
    else if (text) path.value = decodeURI(text.trim().replace(/^file:\/\//, ""));
  });
  return zone;
}

let zone = null;

async function draw() {
  const place = byId("jobs");
  if (place.hidden) return;
  zone = zone || adding();
  try {
    const [status, { jobs }] = await Promise.all([get("/library"), get("/jobs", { limit: 12 })]);
    const list = h("div", { id: "joblist" }, jobs.length ? jobs.map(line) : h("p", {}, t("no_jobs")));
    const head = [h("div", { class: "head" }, h("h2", {}, t("add")), h("button", { type: "button", class: "small", onclick: toggle }, t("close"))),
      h("p", {}, fileName(status.library), " · ", t("status", { n: status.frames, t: status.texts })),
      status.failed.length ? h("details", {}, h("summary", {}, t("failed_files", { n: status.failed.length })), h("ul", { class: "notes" }, status.failed.slice(0, 50).map((f) => h("li", {}, `${fileName(f.path)}: ${f.reason}`)))) : null];
    if (zone.parentNode !== place) show(place, h("div", { id: "jobhead" }, head), zone, list);
    else {
      show(byId("jobhead"), head);
      byId("joblist").replaceWith(list);
    }
    jobs.filter((job) => ["index", "prune"].includes(job.kind)).forEach(watch);
  } catch (fault) {
    show(place, h("p", { class: "fault", role: "alert" }, fault.message), h("button", { type: "button", onclick: draw }, t("retry")));
  }
}

function toggle() {
  const place = byId("jobs");
  place.hidden = !place.hidden;
  clearInterval(poll);
  if (place.hidden) {
    byId("b-work").focus();
    return;
  }
  place.setAttribute("aria-label", t("jobs"));
  zone = null;
  show(place);
  draw().then(() => byId("path")?.focus());
  poll = setInterval(draw, 2000);
  say(t("jobs"));
}

export function setUpWork() {
  on("work", toggle);
  on("redraw", () => {
    zone = null;
    if (!byId("jobs").hidden) {
      show(byId("jobs"));
      draw();
    }
  });
}
