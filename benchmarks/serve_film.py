"""A drawn film in 1080p as cameras and sites make them, and how soon its moments are seen.

Its bit rate and the distance of its key frames are those of usual files, for they decide how much a
player decodes until it shows a frame; both are measured on the file and told with the figures.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

WIDE = (1080, 1920)
FILM_S = 24
FPS = 25
SCENE_S = 2
COLOURS = ("yellow", "blue", "green", "pink")
REST_MS = {"at_once": 300, "pointer": 200, "rested": 1500}
"""How long after the results somebody clicks; with `pointer` the mouse rests on a card so long."""

WATCH = """
window.seen = {};
addEventListener("click", (click) => {
  const seen = window.seen = {};
  const since = (what) => requestAnimationFrame(() => setTimeout(() => {
    seen[what] ??= performance.now() - click.timeStamp;
  }));
  let film = null;
  const look = () => {
    const cover = document.querySelector("#viewer .cover");
    if (cover?.complete && cover.naturalWidth) since("picture");
    const now = document.querySelector("#viewer video");
    if (now && now !== film) {
      film = now;
      const painted = (_, frame) => Math.abs(frame.mediaTime - film.currentTime) < 0.1
        ? since("frame") : film.requestVideoFrameCallback(painted);
      film.requestVideoFrameCallback(painted);
    }
    if (film && film.readyState >= 2 && !film.seeking) since("frame");
    else requestAnimationFrame(look);
  };
  look();
}, true);
"""
SEEK = """
(at) => new Promise((resolve) => {
  const film = document.querySelector("#viewer video");
  const line = document.querySelector(".timeline").getBoundingClientRect();
  const place = { clientX: line.left + line.width * at, clientY: line.top + 20, bubbles: true };
  const began = performance.now();
  film.requestVideoFrameCallback(() => resolve(performance.now() - began));
  document.querySelector(".timeline").dispatchEvent(
    new PointerEvent("pointerdown", { ...place, pointerId: 1 }));
})
"""


def make_film(file: Path, mbit: float, key_s: float) -> None:
    """Every two seconds another colour, which a search finds, under a texture that moves."""
    import av
    from fakes import COLOURS as ALL

    rng = np.random.default_rng(1)
    texture = sum(
        weight * np.kron(rng.normal(0, 1, (WIDE[0] // side, WIDE[1] // side)), np.ones((side,) * 2))
        for weight, side in ((8, 8), (5, 2))
    ).astype(np.int16)
    grain = rng.integers(-2, 3, (4, *WIDE), dtype=np.int16)
    options = {"preset": "veryfast", "threads": "1", "g": str(round(key_s * FPS))}
    with av.open(str(file), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.height, stream.width = WIDE
        stream.pix_fmt, stream.bit_rate = "yuv420p", round(mbit * 1e6)
        for at in range(FILM_S * FPS):
            colour = np.array(list(ALL.values())[at // (SCENE_S * FPS) % len(ALL)], np.int16)
            moved = np.roll(texture, (3 * at, 7 * at), (0, 1)) + grain[at % 4]
            pixels = np.clip(colour + moved[..., None], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def facts_of(file: Path) -> dict[str, Any]:
    """What the film is: bit rate, and how far apart its key frames are."""
    import av

    with av.open(str(file)) as source:
        stream = source.streams.video[0]
        keys = [packet.pts * stream.time_base for packet in source.demux(stream) if
                packet.is_keyframe and packet.pts is not None]  # fmt: skip
        return {
            "film_mbit_s": round(source.bit_rate / 1e6, 1),
            "film_key_frames_s_apart_most": float(max(np.diff([*map(float, keys), FILM_S]))),
        }


def played(url: str, plays: int) -> dict[str, Any]:
    """From a click on a hit to its picture and to its own frame, and from one on the timeline.

    Clicked are: the first hit at once after the results; a lower hit on which the mouse has come
    to rest for the fifth of a second; the first hit after a look at the results.
    """
    from browser import SHOWN, chromium, page_of, until

    told: dict[str, Any] = {}
    with chromium() as browser, page_of(browser, url) as page:
        sought: list[float] = []
        for way, rest_ms in REST_MS.items():
            seen: list[dict[str, float]] = []
            for number in range(plays):
                page.goto("/")
                page.evaluate(WATCH)
                page.fill("#q", COLOURS[number % len(COLOURS)])
                page.wait_for_selector(".card")
                hit = page.locator(".card .hit").nth(-1 if way == "pointer" else 0)
                if way == "pointer":
                    hit.hover()
                page.wait_for_timeout(rest_ms)
                if way == "pointer":
                    page.mouse.down()
                    page.mouse.up()
                else:
                    hit.evaluate("(link) => link.click()")
                until(page, "window.seen.frame")
                seen.append(page.evaluate("window.seen"))
                if way == "rested":
                    sought.append(page.evaluate(SEEK, (0.17 + 0.37 * number) % 0.95))
                    until(page, SHOWN)
            told |= _parts(f"first_frame_{way}_ms", [one["frame"] for one in seen])
            first = [min(one.values()) for one in seen]
            told |= _parts(f"picture_or_frame_{way}_ms", first)
        told |= _parts("seek_ms", sought)
    return told


def _parts(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_p{p}": round(float(np.percentile(values, p)), 1) for p in (50, 95)}
