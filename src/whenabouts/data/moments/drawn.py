"""Drawn videos as a library keeps them, vectors of frames, with queries and when each holds.

Every video is drawn and encoded once; what is kept on disk is used by every run after that.
Shapes: N frames, T query tokens, D width.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.models.scoring import softmax
from whenabouts.protocols import Encoder
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import Lang, Split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.highlights import rate
from whenabouts.shapeworld.render import render, sample_times
from whenabouts.shapeworld.say import Query, absent_query, moment_query, say
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Event, Script
from whenabouts.shapeworld.truth import Claim, Description, Mention, claim_spans
from whenabouts.types import Encoding, Span

_KEY = 95
_VERSION = 1
"""Of the files; others are made anew."""


class Shot(Settings):
    """One kind of videos."""

    share: float = Field(default=1.0, gt=0)
    """Of all videos, beside the shares of the other kinds."""
    duration_s: tuple[float, float] = (60.0, 120.0)
    scenes: tuple[int, int] = (3, 6)


class DrawnMoments(Settings):
    """Which videos are drawn, and how often each of their events is asked for."""

    split: Split = "train"
    videos: int = Field(default=300, gt=0)
    first_seed: int = 0
    kinds: tuple[Shot, ...] = (Shot(),)
    langs: tuple[Lang, ...] = ("en", "zh")
    phrasings: int = Field(default=2, gt=0)
    """Queries for each event and language."""
    looks: int = Field(default=3, ge=0)
    """Queries a language for a colour or a shape alone, which several events may show."""
    absent: int = Field(default=1, ge=0)
    """Queries a language for what never happens."""
    grain: float = Field(default=0.0, ge=0)
    """Noise on the pictures: deviation of each pixel in grey levels."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptQuery:
    """A query with its vectors and its truth."""

    text: str
    lang: Lang
    encoding: Encoding
    spans: tuple[Span, ...]
    """When it holds, seconds; none: never."""
    marks: tuple[tuple[int, tuple[int, ...]], ...]
    """Each relevant clip of 2 s with three raters' scores, 0 to 4."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptVideo:
    """A drawn video as a library has it: `seen` are its frames, `logits` float32 [N]."""

    name: str
    duration_s: float
    seen: Encoding
    logits: NDArray[np.float32]
    queries: tuple[KeptQuery, ...]


class DrawnVideos:
    """The videos of `DrawnMoments` as an encoder sees them, from disk where they are there."""

    def __init__(self, settings: DrawnMoments, encoder: Encoder, folder: Path) -> None:
        self._settings, self._encoder = settings, encoder
        about = settings.model_dump(mode="json", exclude={"videos", "first_seed"})
        if not settings.grain:
            del about["grain"]
        facts = json.dumps([_VERSION, encoder.fingerprint, about], sort_keys=True)
        self.folder = folder / hashlib.sha256(facts.encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return self._settings.videos

    def __iter__(self) -> Iterator[KeptVideo]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> KeptVideo:
        """The `number`-th video; drawn, encoded and kept if it is not there."""
        return _read(self.make(number))

    def make(self, number: int) -> Path:
        """The file of the `number`-th video, which is there from then on."""
        seed = self._settings.first_seed + number
        path = self.folder / f"{seed}.npz"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(path, self._draw(seed))  # appears whole or not at all
        return path

    def events(self, number: int) -> int:
        """How many main events the `number`-th video has; it need not be drawn."""
        script, _ = self._script(self._settings.first_seed + number)
        return len(script.main_events)

    def _script(self, seed: int) -> tuple[Script, Dice]:
        dice = Dice(_KEY, seed)
        kind = dice.weighed([(kind, kind.share) for kind in self._settings.kinds])
        plan = Plan(duration_s=kind.duration_s, scenes=kind.scenes)
        return draw_script(seed, self._settings.split, plan), dice

    def _draw(self, seed: int) -> KeptVideo:
        script, dice = self._script(seed)
        times_s = sample_times(script, self._encoder.sampling.rate_hz)
        scale = self._encoder.input_px / min(script.width, script.height)
        size = round(script.width * scale), round(script.height * scale)
        pixels = render(script, times_s.tolist(), *size)
        if self._settings.grain:
            pixels = grainy(pixels, self._settings.grain, np.random.default_rng((_KEY, seed)))
        encoded = self._encoder.encode_frames(pixels)
        seen = Encoding(encoded.vectors, softmax(encoded.logits), times_s)
        queries = tuple(self._queries(script, dice))
        return KeptVideo(str(seed), script.duration_s, seen, encoded.logits, queries)

    def _queries(self, script: Script, dice: Dice) -> Iterator[KeptQuery]:
        for lang in self._settings.langs:
            for event in script.main_events:
                for _ in range(self._settings.phrasings):
                    yield self._kept(script, moment_query(script, event, lang, dice), dice)
            for event in dice.shuffled(script.main_events)[: self._settings.looks]:
                yield self._kept(script, look_query(script, event, lang, dice), dice)
            for _ in range(self._settings.absent):
                yield self._kept(script, absent_query(script, lang, dice), dice)

    def _kept(self, script: Script, query: Query, dice: Dice) -> KeptQuery:
        rated = rate(script, query, dice)
        marks = tuple(zip(rated.clips, rated.scores, strict=True))
        encoding = self._encoder.encode_text(query.text)
        return KeptQuery(query.text, query.lang, encoding, query.spans, marks)


def grainy(
    pixels: NDArray[np.uint8], deviation: float, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Pictures with noise on each of their pixels."""
    noise = generator.standard_normal(pixels.shape, np.float32) * np.float32(deviation)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


def look_query(script: Script, event: Event, lang: Lang, dice: Dice) -> Query:
    """A query for the colour or the shape of an actor, with all spans that show it."""
    actor = event.actor
    said = Mention(colour=actor.colour) if dice.chance(0.5) else Mention(shape=actor.shape)
    told = Description((Claim(said),))
    return Query(say(told, lang, dice), lang, told, claim_spans(script, told.claims[0]))


def _write(path: Path, video: KeptVideo) -> None:
    """One file a video: arrays in half precision, and what is not an array as JSON."""
    facts = {
        "name": video.name,
        "duration_s": video.duration_s,
        "queries": [
            {
                "text": query.text,
                "lang": query.lang,
                "tokens": len(query.encoding),
                "spans": [[span.start_s, span.end_s] for span in query.spans],
                "marks": query.marks,
            }
            for query in video.queries
        ],
    }
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(
            file,
            facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
            vectors=video.seen.vectors.astype(np.float16),
            logits=video.logits,
            times_s=np.asarray(video.seen.times_s),
            texts=np.concatenate([q.encoding.vectors for q in video.queries]).astype(np.float16),
            weights=np.concatenate([q.encoding.weights for q in video.queries]),
        )
    part.replace(path)


def _read(path: Path) -> KeptVideo:
    with np.load(path) as file:
        held: dict[str, NDArray[Any]] = {name: file[name] for name in file.files}
    facts = json.loads(held["facts"].tobytes())
    texts, weights = held["texts"].astype(np.float32), held["weights"]
    queries: list[KeptQuery] = []
    first = 0
    for one in facts["queries"]:
        last = first + one["tokens"]
        encoding = Encoding(texts[first:last], weights[first:last])
        spans = tuple(Span(start_s, end_s) for start_s, end_s in one["spans"])
        marks = tuple((clip, tuple(scores)) for clip, scores in one["marks"])
        queries.append(KeptQuery(one["text"], one["lang"], encoding, spans, marks))
        first = last
    logits = held["logits"]
    vectors = held["vectors"].astype(np.float32)
    seen = Encoding(vectors, softmax(logits), held["times_s"])
    return KeptVideo(facts["name"], facts["duration_s"], seen, logits, tuple(queries))
