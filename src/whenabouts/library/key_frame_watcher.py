"""SeViLA watches single videos: it finds the frames that matter and answers from them.

What it sees of a video is computed once and kept, so a second question does not open the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.data.instruct.video_clip import FrameSettings, load_clip
from whenabouts.errors import MissingPartError
from whenabouts.library.facts import language_of
from whenabouts.library.kept_bytes import read_kept, write_kept
from whenabouts.library.query import checked
from whenabouts.models.seen import SeenFrames
from whenabouts.protocols import Chosen, Told
from whenabouts.types import Curve, Evidence, Moment, Span, Turn, Video

if TYPE_CHECKING:
    from whenabouts.systems.sevila import Answered, FrameAnswerer, Located

STEP_S = 4.0
"""Frames further apart than this would miss events: of longer videos more frames are looked at."""
MOST = 8
"""At most so many times the frames that the model's settings say."""
REMEMBERED = 8
"""Videos in memory."""
_UNSURE = {"en": "cannot tell", "zh": "无法判断"}


class KeyFrameWatcher:
    """A `Watcher` and `Asker` on a SeViLA."""

    def __init__(
        self,
        answerer: FrameAnswerer,
        folder: Path | None = None,
        frames: int | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """`folder` keeps visual tokens between runs; `frames` are looked at, None: by length.

        `notes` come with every answer.
        """
        self._notes = tuple(notes)
        self._answerer, self._folder, self._wished = answerer, folder, frames
        self._seen: dict[str, SeenFrames] = {}

    @property
    def name(self) -> str:
        """Name for people."""
        return self._answerer.settings.name

    def ask(
        self,
        video: Video,
        question: str,
        options: Sequence[str] = (),
        key_frames: int | None = None,
    ) -> Chosen:
        """The best option, or words; `cannot tell` where the model is not sure enough."""
        from whenabouts.systems.sevila import Asked

        question = checked(question)
        seen = self._look(video)
        asked = Asked(question, tuple(checked(option) for option in options), key_frames)
        found = self._answerer.ask(seen, asked)
        notes = [*self._notes, *found.notes]
        wanted = key_frames or self._answerer.settings.key_frames
        if len(found.frames) < wanted:
            notes.append(f"all {len(seen)} frames were read; {wanted} key frames were wanted")
        if not self._answerer.settings.sure.fitted:
            notes.append("how sure it is was never fitted to this model: take it as a ranking")
        if not found.sure:
            notes.append(f"too unsure to tell; its best guess is {found.text!r}")
        told = found.text if found.sure else _UNSURE["zh" if _chinese(question) else "en"]
        moments, curve = self._moments(video, seen, found.located, question, found)
        return Chosen(
            Turn("assistant", told, "answer", moments),
            curve,
            tuple(dict.fromkeys(notes)),
            found.option,
            found.confidence,
            found.sure,
            found.chances,
            tuple(float(seen.times_s[place]) for place in found.frames),
        )

    def tell(
        self,
        video: Video,
        question: str,
        history: Sequence[Turn] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Told:
        """An answer in words; each question stands for itself."""
        told = self.ask(video, question)
        if on_text is not None:
            on_text(told.turn.text)
        if history:
            alone = "each question is answered without those before it"
            return replace(told, notes=(*told.notes, alone))
        return told

    def ground(self, video: Video, query: str, within: Span | None = None) -> Told:
        """Stretches of frames that show it, best first; there is always one."""
        seen = self._look(video)
        located = self._answerer.locate_query(seen, checked(query))
        moments, curve = self._moments(video, seen, located, query)
        if within is not None:
            cut = (replace(moment, span=moment.span.clamp(within)) for moment in moments)
            moments = tuple(moment for moment in cut if moment.span.length_s > 0)
        return _told(moments, curve, (*seen.notes, *located.notes))

    def highlights(self, video: Video, query: str = "") -> Told:
        """How well each frame shows what is asked for."""
        if not query:
            raise MissingPartError(
                f"{self.name} needs a question or a query to tell what matters; give one, or "
                "leave --model out"
            )
        return self.ground(video, query)

    def captions(self, video: Video, lang: str = "en") -> Told:  # noqa: ARG002 (a watcher's signature)
        """Refused: it answers, it does not describe."""
        raise MissingPartError(
            f"{self.name} answers questions and finds moments; captioning needs a video LLM: "
            "name its folder with --model"
        )

    def _moments(
        self,
        video: Video,
        seen: SeenFrames,
        located: Located | None,
        text: str,
        found: Answered | None = None,
    ) -> tuple[tuple[Moment, ...], Curve | None]:
        """Moments by the rule of the model's settings; key frames are the evidence of theirs."""
        if located is None:
            return (), None
        curve = Curve(tuple(seen.times_s.tolist()), tuple(located.chances.tolist()))
        places = found.frames if found is not None else (int(located.scores.argmax()),)
        why = [
            Evidence("visual", float(located.chances[place]), time_s=float(seen.times_s[place]))
            for place in places
        ]
        moments = tuple(
            Moment(video, span, score, text, _inside(why, span), curve)
            for span, score in self._answerer.moments(seen, located, video.duration_s)
        )
        return moments, curve

    # Looking

    def _look(self, video: Video) -> SeenFrames:
        """What the model keeps of a video: from memory, from disk, or looked at now."""
        count = self._frames(video)
        mark = f"{video.id}_{count}_{self._answerer.fingerprint[:16]}"
        if mark in self._seen:
            return self._seen[mark]
        place = None
        if self._folder is not None and video.id:
            place = self._folder / f"{mark}.safetensors"
        seen = read_kept(
            place, lambda data: SeenFrames.from_bytes(data, self._answerer.fingerprint)
        )
        if seen is None:
            size_px = self._answerer.settings.pixels.size_px
            frames = FrameSettings(frames=count, size_px=size_px, way="middle")
            clip = load_clip(video.path, frames)
            seen = self._answerer.look(clip.pixels, clip.times_s.tolist())
            if clip.damage:
                seen = _noted(seen, (f"not all of it can be read: {clip.damage}",))
            kept = seen
            seen = _noted(
                seen, write_kept(place, lambda: kept.to_bytes(self._answerer.fingerprint))
            )
        step_s = float(np.diff(seen.times_s).max()) if len(seen) > 1 else 0.0
        if step_s > 2 * STEP_S:
            far = f"seen as {len(seen)} frames, {step_s:.0f} s apart: short events are missed"
            seen = _noted(seen, (far,))
        self._seen = {**dict(list(self._seen.items())[-(REMEMBERED - 1) :]), mark: seen}
        return seen

    def _frames(self, video: Video) -> int:
        """As many as were wished, else as the settings say, more of long videos."""
        if self._wished is not None:
            return self._wished
        usual = self._answerer.settings.frames
        return min(max(usual, math.ceil(video.duration_s / STEP_S)), MOST * usual)


def _inside(why: Sequence[Evidence], span: Span) -> tuple[Evidence, ...]:
    return tuple(
        one for one in why if one.time_s is not None and span.start_s <= one.time_s <= span.end_s
    )


def _noted(seen: SeenFrames, notes: Sequence[str]) -> SeenFrames:
    return replace(seen, notes=(*seen.notes, *notes)) if notes else seen


def _told(moments: tuple[Moment, ...], curve: Curve | None, notes: Sequence[str]) -> Told:
    text = "; ".join(str(moment.span) for moment in moments)
    return Told(Turn("assistant", text, "moment", moments), curve, tuple(dict.fromkeys(notes)))


def _chinese(text: str) -> bool:
    return language_of(text) == "zh"
