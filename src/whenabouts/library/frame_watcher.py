"""When something happens in one video, from vectors of its frames alone: no language model.

Legend: N frames, C clips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MediaError, MissingPartError
from whenabouts.library.encoders import DEFAULT
from whenabouts.library.grounders import usual_grounder
from whenabouts.library.query import checked
from whenabouts.media.decode import read_frames
from whenabouts.models.scoring import score, similarities, softmax
from whenabouts.protocols import Encoder, Grounder, Salient, Told
from whenabouts.systems.peaks import Grid, PeakSettings, spans
from whenabouts.systems.peaks import within as shown_in
from whenabouts.types import Curve, Encoding, Moment, Span, Turn, Video

CLIP_S = 2.0
"""Length of the clips whose saliency is told, as QVHighlights cuts them."""
MOST_CLIPS = 2000
"""Clips of longer videos are longer."""
_HINT = (
    "{what} needs a video language model, and vectors of frames cannot tell it; "
    "install one with: pip install 'whenabouts[torch]', or name one with --model"
)


class FrameWatcher:
    """A `Watcher` for `ground` and `highlights`; the rest is refused with the next step."""

    def __init__(
        self,
        encoder: Encoder,
        grounder: Grounder | None = None,
        stored: Callable[[Video], Encoding | None] | None = None,
        name: str = "frames",
    ) -> None:
        """`stored` gives the vectors that a library has of a video, None where it has none."""
        self.name = name
        self._encoder = encoder
        self._grounder = grounder or usual_grounder(encoder)
        self._stored = stored
        self._last: tuple[str, Encoding, tuple[str, ...]] | None = None

    @property
    def fingerprint(self) -> str:
        """Changes with the weights of the encoder."""
        return self._encoder.fingerprint

    def ground(self, video: Video, query: str, within: Span | None = None) -> Told:
        """The best stretches for `query`; there is always one, how well it fits is its score."""
        seen, notes = self._seen(video)
        encoding = self._encoder.encode_text(checked(query))
        moments = tuple(self._grounder.locate(encoding, video, seen))
        if within is not None:
            cut = (replace(moment, span=moment.span.clamp(within)) for moment in moments)
            moments = tuple(moment for moment in cut if moment.span.length_s > 0)
        return Told(Turn("assistant", _when(moments), "moment", moments), None, notes)

    def highlights(self, video: Video, query: str = "") -> Told:
        """How well each clip fits `query`, or how much weight the encoder gives it."""
        seen, notes = self._seen(video)
        if query:
            text = self._encoder.encode_text(checked(query))
            moments = tuple(self._grounder.locate(text, video, seen))
            curve = self._fits(text, video, seen)
            return Told(Turn("assistant", _when(moments), "moment", moments), curve, notes)
        curve = clips(seen.weights * len(seen), seen, video)
        moments = stretches(curve, video)
        notes = (*notes, "without a query, a clip counts by the weight that the encoder gives it")
        return Told(Turn("assistant", _when(moments), "moment", moments), curve, notes)

    def _fits(self, text: Encoding, video: Video, seen: Encoding) -> Curve:
        """How much each clip matters, as the grounder has learnt it, or by the frames alone."""
        if isinstance(self._grounder, Salient):
            curve = self._grounder.saliency(text, video, seen)
            return in_clips(np.array(curve.scores, np.float32), np.array(curve.times_s), video)
        sims_TN = similarities(text, seen.vectors)
        fits_N = 0.5 * (text.weights @ sims_TN + sims_TN.max(axis=0))
        return clips(fits_N, seen, video)

    def captions(self, video: Video, lang: str = "en") -> Told:  # noqa: ARG002 (a watcher's signature)
        """Refused: a sentence needs a language model."""
        raise MissingPartError(_HINT.format(what="captioning"))

    def tell(
        self,
        video: Video,  # noqa: ARG002 (a watcher's signature)
        question: str,  # noqa: ARG002
        history: Sequence[Turn] = (),  # noqa: ARG002
        on_text: Callable[[str], None] | None = None,  # noqa: ARG002
    ) -> Told:
        """Refused: an answer needs a language model."""
        raise MissingPartError(_HINT.format(what="answering"))

    def fit(self, video: Video, query: str, span: Span) -> float:
        """How well a stretch of a video fits, by the frames shown in it."""
        seen, _ = self._seen(video)
        if seen.times_s is None:
            return 0.0
        first, last = shown_in(seen.times_s, span)
        text = self._encoder.encode_text(checked(query))
        logits = np.log(np.maximum(seen.weights[first:last], 1e-12))
        return score(text, seen.vectors[first:last], logits)

    def _seen(self, video: Video) -> tuple[Encoding, tuple[str, ...]]:
        """Encoded frames and where they come from; the last video is kept."""
        if self._last is not None and self._last[0] == video.id:
            return self._last[1], self._last[2]
        found = self._stored(video) if self._stored is not None else None
        if found is not None:
            notes = (f"by the vectors that the library has ({self._encoder.name})",)
        else:
            found = encode(video, self._encoder)
            notes = (f"by vectors of its frames ({self._encoder.name})",)
        if self._encoder.name == DEFAULT:
            notes = (*notes, "tiny-clip knows only drawn shapes; in natural video it guesses")
        self._last = video.id, found, notes
        return found, notes


def encode(video: Video, encoder: Encoder) -> Encoding:
    """The frames of a video as the encoder samples them."""
    rate_hz, limit = encoder.sampling.rate_hz, encoder.sampling.limit
    if limit is not None and video.duration_s * rate_hz > limit:
        rate_hz = limit / video.duration_s
    vectors, logits, times_s = [], [], []
    for frames in read_frames(video, rate_hz=rate_hz, short_side_px=encoder.input_px):
        encoded = encoder.encode_frames(frames.pixels)
        vectors.append(encoded.vectors)
        logits.append(encoded.logits)
        times_s.append(frames.times_s)
    if not vectors:
        raise MediaError(f"no frame of {Path(video.path).name} can be read")
    weights = softmax(np.concatenate(logits))
    return Encoding(np.concatenate(vectors), weights, np.concatenate(times_s))


def clips(scores_N: NDArray[np.float32], seen: Encoding, video: Video) -> Curve:
    """The mean score of each clip of 2 s; a clip without a frame shows the one before it."""
    if seen.times_s is None:
        raise InputError("saliency over time needs the times of the frames")
    return in_clips(scores_N, seen.times_s, video)


def in_clips(scores_N: NDArray[np.float32], times_s: NDArray[np.float64], video: Video) -> Curve:
    """The same, of scores at any times."""
    length_s = max(CLIP_S, video.duration_s / MOST_CLIPS)
    count = max(1, int(np.ceil(video.duration_s / length_s - 1e-6)))
    place = np.clip((times_s / length_s + 1e-9).astype(int), 0, count - 1)
    totals = np.bincount(place, scores_N, count)
    frames = np.bincount(place, minlength=count)
    shown = np.maximum.accumulate(np.where(frames > 0, np.arange(count), -1))
    first = int(place[0])
    shown = np.where(shown < 0, first, shown)
    means = totals[shown] / frames[shown]
    return Curve(tuple((np.arange(count) * length_s).tolist()), tuple(means.tolist()))


def stretches(curve: Curve, video: Video) -> tuple[Moment, ...]:
    """The stretches around the peaks of a curve of clips, best first."""
    grid = Grid(np.array(curve.times_s), np.array(curve.scores, np.float32))
    return tuple(
        Moment(video, span, float(grid.scores[_at(grid, span.start_s, span.end_s)].max()))
        for span in spans(grid, video.duration_s, PeakSettings())
    )


def _at(grid: Grid, start_s: float, end_s: float) -> slice:
    first = max(int(grid.times_s.searchsorted(start_s, side="right")) - 1, 0)
    return slice(first, max(int(grid.times_s.searchsorted(end_s)), first + 1))


def _when(moments: Sequence[Moment]) -> str:
    return "; ".join(str(moment.span) for moment in moments)
