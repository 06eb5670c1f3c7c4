"""Pixels of a script. The same script gives the same pixels on every machine.

Per pixel only + - * / sqrt min max abs floor are used, which IEEE 754 defines exactly; sines come
in as single numbers rounded to 9 digits. Frames are drawn one by one: any times, any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.backdrop import draw_backdrop, margins
from whenabouts.shapeworld.finish import Finisher
from whenabouts.shapeworld.lettering import letter
from whenabouts.shapeworld.motion import poses, view
from whenabouts.shapeworld.paint import Picture, paint, spot
from whenabouts.shapeworld.scene import CUT_S
from whenabouts.shapeworld.script import Scene, Script


def render(
    script: Script, times_s: Iterable[float], width: int | None = None, height: int | None = None
) -> NDArray[np.uint8]:
    """Frames at these times, uint8 [T,H,W,3] RGB, in the script's size unless told otherwise.

    >>> from whenabouts.shapeworld.scene import draw_script
    >>> render(draw_script(1), [0.0, 2.5], 96, 96).shape
    (2, 96, 96, 3)
    """
    painter = Painter(script, width, height)
    frames = [painter.frame(time_s) for time_s in times_s]
    if not frames:
        return np.zeros((0, painter.height, painter.width, 3), dtype=np.uint8)
    return np.stack(frames)


def frame_times(script: Script) -> NDArray[np.float64]:
    """The time of every frame of the video in seconds, float64 [T]."""
    return np.arange(round(script.duration_s * script.fps)) / script.fps


def sample_times(script: Script, rate_hz: float) -> NDArray[np.float64]:
    """Evenly spaced times, each snapped to the frame that is shown then."""
    wanted_s = np.arange(0.0, script.duration_s, 1.0 / rate_hz)
    return np.unique(np.floor(wanted_s * script.fps + 1e-6) / script.fps)


def stream(script: Script) -> Iterator[NDArray[np.uint8]]:
    """Every frame of the video in turn, uint8 [H,W,3]; holds one at a time."""
    painter = Painter(script)
    return (painter.frame(float(time_s)) for time_s in frame_times(script))


class Painter:
    """Draws frames of one script at one size; keeps the backdrop of the last scenes."""

    def __init__(self, script: Script, width: int | None = None, height: int | None = None) -> None:
        self.script = script
        self.width = width or script.width
        self.height = height or script.height
        self._finish = Finisher(script.style, script.seed, self.width, self.height)
        self._backdrops: dict[int, Picture] = {}

    def frame(self, time_s: float) -> NDArray[np.uint8]:
        """The picture at this time, uint8 [H,W,3] RGB."""
        scenes = self.script.scenes
        index = max(i for i, scene in enumerate(scenes) if i == 0 or scene.span.start_s <= time_s)
        scene = scenes[index]
        picture = self._scene(index, time_s)
        passed_s, left_s = time_s - scene.span.start_s, scene.span.end_s - time_s
        if index and scene.cut == "cross-fade" and passed_s < CUT_S:
            before = self._scene(index - 1, time_s)
            picture = before + (picture - before) * np.float32(passed_s / CUT_S)
        elif index and scene.cut == "fade to black" and passed_s < CUT_S:
            picture *= np.float32(passed_s / CUT_S)
        if index + 1 < len(scenes) and scenes[index + 1].cut == "fade to black":
            picture *= np.float32(max(0.0, min(1.0, left_s / CUT_S)))
        return self._finish.apply(picture, time_s)

    def _scene(self, index: int, time_s: float) -> Picture:
        """One scene before the finish, float32 [H,W,3], a fresh array."""
        scene = self.script.scenes[index]
        picture = self._behind(index, scene, time_s)
        camera = view(scene, time_s)
        for event in scene.events:
            for pose in poses(event, time_s):
                where = spot(pose, camera, self.width, self.height)
                paint(picture, pose, where, self.script.style)
        for drawn in scene.drawn:
            if drawn.span.start_s <= time_s < drawn.span.end_s:
                letter(picture, drawn)
        return picture

    def _behind(self, index: int, scene: Scene, time_s: float) -> Picture:
        """The backdrop as the camera sees it."""
        if index not in self._backdrops:
            # Two are enough for a cross-fade; more would grow with the video.
            self._backdrops = {k: v for k, v in self._backdrops.items() if k == index - 1}
            self._backdrops[index] = draw_backdrop(scene.backdrop, self.width, self.height)
        whole = self._backdrops[index]
        left, top = margins(self.width, self.height)
        zoom, right, down = view(scene, time_s)
        if zoom == 1.0:
            x, y = left - round(right * self.width), top - round(down * self.height)
            return whole[y : y + self.height, x : x + self.width].copy()
        columns = _zoomed(self.width, zoom) + left
        rows = _zoomed(self.height, zoom) + top
        return whole[rows][:, columns]


def _zoomed(length: int, zoom: float) -> NDArray[np.int64]:
    """Which pixels of the backdrop a zooming camera sees along one side."""
    return ((np.arange(length) + 0.5 - length / 2) / zoom + length / 2).astype(np.int64)
