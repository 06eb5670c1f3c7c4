// One video with its timeline: heat curve, marks, seeking to the very frame.

import { fileUrl, pictureUrl, trackUrl } from "./api.js";
import { drawing, timeAt } from "./curve.js";
import { byId, clock, fileName, h, show } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

export class Player {
  constructor(video, file) {
    this.video = video;
    this.ends = null;
    this.still = file.kind === "image";
    this.line = h("div", { class: "head-line" });
    this.timeline = this.makeTimeline();
    this.media = this.still ? h("img", { class: "pane-still", src: pictureUrl(video.id, 0, true), alt: "" }) : this.makeVideo(file);
    this.screen = h("div", { class: "screen" }, this.media);
    this.trouble = h("p", { class: "fault", role: "alert" });
    this.element = h("figure", {}, this.screen, this.still ? null : this.timeline, this.trouble);
    this.mark(null, []);
  }

  makeVideo(file) {
    const media = h("video", { preload: "auto", playsinline: true, "aria-label": fileName(this.video.path), tabindex: -1, onclick: () => this.toggle() });
    if (file.has_speech) media.append(h("track", { kind: "captions", src: trackUrl(this.video.id), srclang: file.langs[0] || "en", label: file.langs[0] || "captions" }));
    media.addEventListener("timeupdate", () => this.moved());
    media.addEventListener("seeked", () => this.moved());
    media.addEventListener("play", () => this.shown());
    media.addEventListener("pause", () => this.shown());
    media.addEventListener("error", () => { this.trouble.textContent = t("cannot_play"); });
    media.src = fileUrl(this.video.id);
    return media;
  }

  makeTimeline() {
    const line = h("div", { class: "timeline", role: "slider", tabindex: 0, "aria-label": t("timeline"), "aria-valuemin": 0,
      "aria-valuemax": this.video.duration_s.toFixed(1), "aria-valuenow": 0 });
    const go = (e) => this.seek(timeAt(e, line, this.video.duration_s));
    line.addEventListener("pointerdown", (e) => {
      line.setPointerCapture(e.pointerId);
      go(e);
    });
    line.addEventListener("pointermove", (e) => line.hasPointerCapture(e.pointerId) && go(e));
    line.addEventListener("keydown", (e) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
      if (e.key in steps) this.seek(this.time + steps[e.key]);
      else if (e.key === "Home") this.seek(0);
      else if (e.key === "End") this.seek(this.video.duration_s);
      else return;
      e.preventDefault();
    });
    return line;
  }

  get time() {
    return this.still ? 0 : this.media.currentTime;
  }

  /** Show the frame at a time; with `end` playing stops there. */
  seek(time_s, end) {
    if (this.still) return;
    this.ends = end ?? null;
    const wanted = Math.min(Math.max(time_s, 0), Math.max(this.video.duration_s - 0.001, 0));
    // To ask for the same frame again would decode it again.
    if (this.media.readyState >= 1 && Math.abs(this.media.currentTime - wanted) > 1e-4) this.media.currentTime = wanted;
    else if (this.media.readyState < 1) this.media.addEventListener("loadedmetadata", () => { this.media.currentTime = wanted; }, { once: true });
    this.place(wanted);
  }

  /** Call `then` once the frame that was asked for is painted, or never will be. */
  whenPainted(then) {
    const media = this.media;
    const events = ["loadeddata", "seeked", "playing", "error", "emptied"];
    const look = () => {
      const coming = !this.still && !media.error && media.hasAttribute("src");
      if (coming && (media.readyState < 2 || media.seeking)) return;
      for (const name of events) media.removeEventListener(name, look);
      requestAnimationFrame(() => requestAnimationFrame(then));
    };
    for (const name of events) media.addEventListener(name, look);
    look();
  }

  /** A picture of the moment over the player until its frame is painted. */
  cover(src) {
    if (this.still || (this.media.readyState >= 2 && !this.media.seeking)) return;
    const over = h("img", { class: "cover", src, alt: "" });
    this.screen.append(over);
    this.whenPainted(() => over.remove());
  }

  toggle() {
    if (this.still) return;
    if (this.media.paused) this.media.play().catch(() => {});
    else this.media.pause();
  }

  play() {
    if (!this.still) this.media.play().catch(() => {});
  }

  mute() {
    if (this.still) return;
    this.media.muted = !this.media.muted;
    this.shown();
  }

  captions() {
    const track = this.still ? null : this.media.textTracks[0];
    if (track) track.mode = track.mode === "showing" ? "disabled" : "showing";
    this.shown();
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element.requestFullscreen?.();
  }

  stop() {
    if (this.still) return;
    this.media.pause();
    this.media.removeAttribute("src");
    this.media.load();
  }

  moved() {
    if (this.ends !== null && !this.media.paused && this.time >= this.ends) {
      this.media.pause();
      this.ends = null;
    }
    this.place(this.time);
  }

  place(time_s) {
    this.line.style.left = `${(time_s / (this.video.duration_s || 1)) * 100}%`;
    this.timeline.setAttribute("aria-valuenow", time_s.toFixed(1));
    this.timeline.setAttribute("aria-valuetext", clock(time_s));
    const out = byId("now");
    if (out && this.element.isConnected) out.textContent = `${clock(time_s)} / ${clock(this.video.duration_s)}`;
  }

  shown() {
    const button = byId("play");
    if (!button || !this.element.isConnected) return;
    show(button, icon(this.media.paused ? "play" : "pause"));
    button.setAttribute("aria-label", t(this.media.paused ? "play" : "pause"));
    if (!byId("mute")) return;
    show(byId("mute"), icon(this.media.muted ? "mute" : "sound"));
    byId("mute").setAttribute("aria-pressed", String(!this.media.muted));
    byId("captions").hidden = !this.media.textTracks.length;
    byId("captions").setAttribute("aria-pressed", String(this.media.textTracks[0]?.mode === "showing"));
  }

  /** Heat over time, and the spans of hits. */
  mark(curve, marks) {
    show(this.timeline, drawing(curve, this.video.duration_s || 1, marks.map((m) => ({ ...m, best: true }))), this.line);
  }
}
