"""The seams of the house: what a part must offer to be interchangeable.

A part is added by one file and one line in `catalog.py`; `tests/contract` then runs the suite of
its protocol over it. Shapes: N frames or vectors, H height, W width, D width of the vector space.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.types import Channel, Curve, Encoding, Example, Frames, Moment, Span, Turn, Video


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a system wants to see a video: `rate_hz` frames a second, at most `limit` (None: all)."""

    rate_hz: float = 1.0
    limit: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FrameVectors:
    """Encoded frames: `vectors` float32 [N,D] unit length, `logits` float32 [N].

    The weights of a clip are the softmax of its frames' logits (all 0 for plain CLIP), so that any
    window of a stored video can be scored without encoding it again.
    """

    vectors: NDArray[np.float32]
    logits: NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Pictures and text into one space."""

    @property
    def name(self) -> str:
        """Name for people, for example `tiny-clip`."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that changes a vector: weights, sizes, preprocessing, precision."""
        ...

    @property
    def width(self) -> int:
        """D."""
        ...

    @property
    def sampling(self) -> Sampling:
        """How many frames it wants."""
        ...

    @property
    def input_px(self) -> int:
        """Side of its square input; frames may be decoded down to this shorter side."""
        ...

    def encode_frames(self, pixels: NDArray[np.uint8]) -> FrameVectors:
        """Encode `pixels` uint8 [N,H,W,3] RGB of any H, W."""
        ...

    def encode_text(self, text: str) -> Encoding:
        """Encode one query; `words` holds the piece of text behind each vector."""
        ...


@runtime_checkable
class TextReader(Protocol):
    """Reads text out of a video's pictures or sound: OCR, speech recognition."""

    @property
    def channel(self) -> Channel:
        """Where its text comes from: `screen` or `speech`."""
        ...

    @property
    def sampling(self) -> Sampling | None:
        """The frames it wants to be given; None: none, it reads the sound of the file itself."""
        ...

    @property
    def input_px(self) -> int:
        """Frames may be decoded down to this shorter side; 0 where it wants no frames."""
        ...

    def read(self, video: Video, frames: Iterable[Frames]) -> Iterator[tuple[Span, str, str]]:
        """Time shown or heard, text, and language code (`en`, `zh`; empty: unknown), in order."""
        ...


@runtime_checkable
class Grounder(Protocol):
    """Finds when something happens inside one video."""

    def locate(self, query: Encoding, video: Video, seen: Encoding) -> list[Moment]:
        """Moments of `video` that fit `query`, best first, from its encoded frames `seen`."""
        ...


@runtime_checkable
class Reader(Protocol):
    """A grounder that was trained on the vectors of one encoder."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    @property
    def encoder(self) -> str:
        """Name or folder of that encoder."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of that encoder; vectors of another one tell it nothing."""
        ...

    def locate(self, query: Encoding, video: Video, seen: Encoding) -> list[Moment]:
        """As every grounder."""
        ...


@runtime_checkable
class Salient(Protocol):
    """A grounder that has learnt how much each moment matters."""

    def saliency(self, query: Encoding, video: Video, seen: Encoding) -> Curve:
        """A score for each of even steps of the whole video; higher is more."""
        ...


@runtime_checkable
class Answerer(Protocol):
    """Answers a question about one video, with the evidence it used."""

    def answer(self, question: str, video: Video, choices: Sequence[str] = ()) -> Turn:
        """An assistant turn with act `answer`; its moments are the evidence."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a watcher says about one video."""

    turn: Turn
    """An assistant turn; its moments are in `turn.moments`, best first or in order of time."""
    curve: Curve | None = None
    """Highlights: saliency of each clip, at the time where it begins; higher is more."""
    notes: tuple[str, ...] = ()
    """What a person should know: windows that were merged, times that were mended."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen(Told):
    """An answer about one video with the frames that it was read from."""

    option: int | None = None
    """Place of the chosen option; None where there were none, or none is named."""
    confidence: float | None = None
    """In [0, 1]; None where the watcher has none."""
    sure: bool = True
    """False: the confidence is below the least one that counts; the answer is a guess."""
    chances: tuple[float, ...] = ()
    """Of the options."""
    key_frames: tuple[float, ...] = ()
    """Times in s of the frames that were read, in order."""


@runtime_checkable
class Asker(Protocol):
    """Answers a question about one video from the frames that matter for it."""

    def ask(
        self,
        video: Video,
        question: str,
        options: Sequence[str] = (),
        key_frames: int | None = None,
    ) -> Chosen:
        """The best of `options`, or an answer in words; from so many frames, or as many as usual.

        The moments are those where the answer can be seen, the curve how well each frame serves.
        """
        ...


@runtime_checkable
class Watcher(Protocol):
    """Watches one video and says when something happens, what happens and what matters."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    def ground(self, video: Video, query: str, within: Span | None = None) -> Told:
        """Moments that fit `query`, best first, in all of a video or a part (moment retrieval)."""
        ...

    def highlights(self, video: Video, query: str = "") -> Told:
        """Saliency over time and its peaks, best first, for a query or for the video as such."""
        ...

    def captions(self, video: Video, lang: str = "en") -> Told:
        """Events in order of time, each a moment with its sentence (dense captioning)."""
        ...

    def tell(
        self,
        video: Video,
        question: str,
        history: Sequence[Turn] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Told:
        """A free answer to a question, after the turns of the conversation so far.

        `on_text` is given the answer so far, as it grows.
        """
        ...


@runtime_checkable
class Brain(Protocol):
    """Decides what each turn of a conversation about a library asks for, and answers it."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    def reply(self, turns: Sequence[Turn], on_text: Callable[[str], None] | None = None) -> Turn:
        """The assistant's turn after `turns`, the last of which is the user's.

        `turns` is all there is to know: the same turns get the same answer, except where a language
        model draws its words. What is needed at the next turn goes into `memo`. Never raises for
        what a user says. `on_text` is given the answer so far, as it grows.
        """
        ...


@runtime_checkable
class ChatModel(Protocol):
    """A language model that talks and calls tools; what it says is never trusted."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    def complete(
        self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """The next message, in the form that OpenAI-compatible servers speak.

        `content` is a text or None, `tool_calls` a list or absent; nothing else is promised.
        Raises MissingPartError when there is no answer: no server, a time-out, no JSON.
        """
        ...


@runtime_checkable
class Picker(Protocol):
    """A model that looks at videos while it follows a conversation (IVCR).

    A brain decides what kind of turn it is and brings the candidates; a picker does the looking.
    """

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    @property
    def limit(self) -> int:
        """How many candidates it looks at."""
        ...

    def pick(
        self,
        turns: Sequence[Turn],
        candidates: Sequence[Moment],
        on_text: Callable[[str], None] | None = None,
    ) -> Turn:
        """Which candidate the last of `turns` (the user's) means, act `videos`.

        Its moments are all candidates: the one picked first, then the others as they came. Where
        the model's answer names none, they stay as they came and `text` is empty.
        """
        ...

    def point(
        self,
        turns: Sequence[Turn],
        video: Video,
        on_text: Callable[[str], None] | None = None,
    ) -> Turn:
        """When in `video` that happens which the last of `turns` asks for, act `moment`.

        No moments where the model's answer names no time.
        """
        ...


@runtime_checkable
class Dataset(Protocol):
    """Examples of one split of a dataset folder."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Example]: ...


@runtime_checkable
class Metric(Protocol):
    """Figures from predictions; never sees a model."""

    def __call__(
        self, predictions: Mapping[str, Turn], examples: Sequence[Example]
    ) -> dict[str, float]:
        """Name of figure -> value, in percent where the field uses percent."""
        ...


class Objective(Protocol):
    """What a step of a training run minimises.

    Also an `nn.Module`: its own parameters are trained too and thrown away at the end.
    """

    def loss(self, model: Any, batch: Any) -> tuple[Any, dict[str, float]]:
        """A scalar tensor, and what to log beside it."""
        ...


__all__ = [
    "Answerer",
    "Asker",
    "Brain",
    "ChatModel",
    "Chosen",
    "Dataset",
    "Encoder",
    "FrameVectors",
    "Grounder",
    "Metric",
    "Objective",
    "Picker",
    "Sampling",
    "TextReader",
    "Told",
    "Watcher",
]
