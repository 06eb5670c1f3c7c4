"""A learned grounder without torch: Moment-DETR on the vectors that a library keeps of its frames.

Legend: N frames of the library, S steps of an even grid, T query tokens, Q windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingPartError
from whenabouts.models.moment_features import even_rows, with_match, with_places
from whenabouts.models.moment_windows import joined, pieces, ranked, tidied
from whenabouts.models.onnx import Network
from whenabouts.models.scoring import best_words, similarities, word_matches
from whenabouts.types import Curve, Encoding, Evidence, Moment, Span, Video
from whenabouts.weights.moment_folder import (
    NETWORK,
    TINY_FOLDER,
    TINY_MOMENTS,
    read_moment_settings,
)

Floats = NDArray[np.float32]
_DRAWN_POINTS = 120
_OVERLAP_IOU = 0.5
"""Of windows that two pieces of a long video tell of one moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What the network says of a video: windows [Q,3] best first, and the saliency of each step."""

    windows: NDArray[np.float64]
    saliency: Floats


class MomentGrounder:
    """A `Grounder` on a checkpoint folder of Moment-DETR."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self.settings = read_moment_settings(folder)
        if not self.settings.encoder:
            raise InputError(
                f"{self.settings.name} reads features that no encoder of ours makes; "
                "train one on a library's vectors: whenabouts train recipes/tiny-moment-detr.toml"
            )
        self._network = Network(folder / NETWORK, device="cpu", threads=threads)

    @property
    def name(self) -> str:
        """Name for people."""
        return self.settings.name

    @property
    def encoder(self) -> str:
        """Whose vectors it reads."""
        return self.settings.encoder

    @property
    def fingerprint(self) -> str:
        """Of that encoder: others' vectors tell it nothing."""
        return self.settings.fingerprint

    def locate(self, query: Encoding, video: Video, seen: Encoding) -> list[Moment]:
        """Moments of `video` that fit `query`, best first; a score is the share of being one."""
        if seen.times_s is None or not len(seen):
            return []
        times_s = seen.times_s
        looked = self.look(query, video, seen)
        curve = _drawn(looked.saliency, self.settings.step_s)
        similarity_TN = similarities(query, seen.vectors)
        fits_N = 0.5 * (query.weights @ similarity_TN + similarity_TN.max(axis=0))
        moments: list[Moment] = []
        for start_s, end_s, score in looked.windows.tolist():
            span = Span(start_s, max(start_s, end_s))
            first = max(int(times_s.searchsorted(span.start_s + 1e-6, side="right")) - 1, 0)
            last = max(int(times_s.searchsorted(span.end_s - 1e-6, side="right")), first + 1)
            best = first + int(fits_N[first:last].argmax())
            words = " ".join(best_words(query, seen.vectors[best]))
            inside = Encoding(
                seen.vectors[first:last], seen.weights[first:last], times_s[first:last]
            )
            matches = word_matches(query, inside, similarity_TN[:, first:last])
            why = Evidence("visual", score, words, float(times_s[best]), matches)
            moments.append(Moment(video, span, score, words, (why,), curve))
        return moments

    def saliency(self, query: Encoding, video: Video, seen: Encoding) -> Curve:
        """How much each step of the video matters for `query`; higher is more."""
        looked = self.look(query, video, seen)
        times_s = np.arange(len(looked.saliency)) * self.settings.step_s
        return Curve(tuple(times_s.tolist()), tuple(looked.saliency.tolist()))

    def look(self, query: Encoding, video: Video, seen: Encoding) -> Looked:
        """All windows and the saliency of the whole video; long ones are looked at in pieces."""
        settings = self.settings
        if seen.times_s is None or not len(seen):
            return Looked(np.zeros((0, 3)), np.zeros(0, np.float32))
        rows = even_rows(seen.times_s, video.duration_s, settings.step_s)
        vectors = seen.vectors[rows].astype(np.float32, copy=False)
        columns = with_match(vectors, query) if settings.match else vectors
        text = query.vectors[None, : settings.sizes.most_words].astype(np.float32)
        found: list[NDArray[np.float64]] = []
        saliency, told = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
        for first, last in pieces(len(rows), settings.sizes.most_steps):
            out = self._network.run(
                {
                    "video": with_places(columns[first:last])[None],
                    "video_mask": np.ones((1, last - first), np.float32),
                    "text": text,
                    "text_mask": np.ones(text.shape[:2], np.float32),
                }
            )
            length_s = (last - first) * settings.step_s
            windows = ranked(out["spans"][0], out["scores"][0], length_s)
            windows[:, :2] += first * settings.step_s
            found.append(windows)
            saliency[first:last] += out["saliency"][0]
            told[first:last] += 1
        windows = joined(found, _OVERLAP_IOU, settings.windows.limit)
        tidy = tidied(windows, video.duration_s, settings.windows)[: settings.windows.limit]
        return Looked(tidy, saliency / told)


def tiny(threads: int | None = None) -> MomentGrounder:
    """The grounder that comes with the package; it knows only what shape world taught it."""
    if not TINY_FOLDER.is_dir():
        raise MissingPartError(
            f"{TINY_MOMENTS} is not in this copy of the package; install a released version, or "
            "train it: whenabouts train recipes/tiny-moment-detr.toml"
        )
    return MomentGrounder(TINY_FOLDER, threads=threads)


def _drawn(saliency: Floats, step_s: float) -> Curve:
    """The saliency thinned for drawing: the highest of each of a hundred or so pieces."""
    count = len(saliency)
    pieces_of = min(count, _DRAWN_POINTS)
    starts = np.linspace(0, count, pieces_of, endpoint=False).astype(int)
    highest = np.maximum.reduceat(saliency, starts)
    return Curve(tuple((starts * step_s).tolist()), tuple(highest.tolist()))
