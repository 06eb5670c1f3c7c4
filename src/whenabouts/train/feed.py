"""Batches drawn from the shape world while training goes on, by worker processes.

The batch of a step depends on the settings and the step alone, so a resumed run goes on with the
very batches it would have seen. Drawing is dearer than a look at a frame: each block of videos is
shown `shows` times, a while apart, with other texts and other light.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from whenabouts.errors import WhenaboutsError
from whenabouts.models.pixels import PixelSettings, fit
from whenabouts.models.tokens import TextBatch, TextTokens, TokenSettings
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import COLOURS, SHAPES, held_out_pair
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.render import render
from whenabouts.shapeworld.say import caption, describe_absent, describe_event, describe_frame, say
from whenabouts.shapeworld.scene import draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Claim, Description
from whenabouts.train.augment import relight
from whenabouts.train.truth import SIZES, Facts, judge, observe

_APART = 24
"""Steps between two shows of a block; a multiple of every number of workers up to 4."""
_PATIENCE_S = 300.0
_LOOK_UP_S = 10.0
"""How often a waiting worker sees whether it is still wanted."""
_LANGS = ("en", "zh")


class FeedSettings(Settings):
    """What a batch holds."""

    videos: int = 32
    frames: int = 8
    """Frames of each video."""
    shows: int = 4
    """How often a block of videos is shown."""
    texts: int = 256
    """Short texts about single frames, half of them in each language."""
    workers: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """V videos of F frames each (N = V*F), T texts about frames, 2V captions of videos."""

    pixels: NDArray[np.uint8]
    facts: Facts
    texts: TextBatch
    truth: NDArray[np.int8]
    """[T,N]: 1 true, 0 false, -1 open."""
    captions: TextBatch
    """English and Chinese captions of all videos: V and V rows."""
    videos: int


@dataclass(frozen=True, slots=True)
class Source:
    """All that a worker needs to know."""

    feed: FeedSettings
    pixels: PixelSettings
    patch_px: int
    tokens: TokenSettings
    tokenizer: Path


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    scripts: tuple[Script, ...]
    times_s: tuple[NDArray[np.float64], ...]
    pixels: NDArray[np.uint8]
    facts: tuple[Facts, ...]


class Feed:
    """Draws batches, in this process."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._tokens = TextTokens.read(source.tokenizer, source.tokens)
        self._blocks: OrderedDict[int, _Block] = OrderedDict()

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        feed = self.source.feed
        blocks = [self._block(step - show * _APART) for show in range(feed.shows)]
        scripts = [script for block in blocks for script in block.scripts]
        times = [found for block in blocks for found in block.times_s]
        dice = Dice(81, feed.seed, step)
        random = np.random.default_rng([82, feed.seed, step])
        pixels = relight(np.concatenate([block.pixels for block in blocks]), random)
        facts = Facts.join([fact for block in blocks for fact in block.facts])
        descriptions = [self._describe(scripts, times, dice, index) for index in range(feed.texts)]
        texts = [say(d, _LANGS[i % 2], dice) for i, d in enumerate(descriptions)]
        captions = [caption(s, lang, dice).text for lang in _LANGS for s in scripts]
        return Batch(
            pixels,
            facts,
            self._tokens.encode(texts),
            judge(descriptions, facts),
            self._tokens.encode(captions),
            len(scripts),
        )

    def _describe(
        self, scripts: list[Script], times: list[NDArray[np.float64]], dice: Dice, index: int
    ) -> Description:
        """Something to say about some frame: true, about an event, nearly true, or of nobody."""
        video = index % len(scripts)
        script = scripts[video]
        time_s = float(dice.pick(times[video].tolist()))
        way = dice.share()
        if way < 0.25:
            event = dice.pick(script.events)
            claim = describe_event(event, script.scene_of(event), dice, setting_share=0.25)
            return Description((claim,))
        true = describe_frame(script, time_s, dice)
        if way < 0.8:
            return true
        return twist(true, dice) if way < 0.97 else describe_absent(script, dice)

    def _block(self, number: int) -> _Block:
        """A block of videos, from memory while it will be shown again."""
        found = self._blocks.get(number)
        if found is None:
            found = self._draw(number)
            self._blocks[number] = found
        if len(self._blocks) > self.source.feed.shows * _APART:
            self._blocks.popitem(last=False)
        return found

    def _draw(self, number: int) -> _Block:
        source, feed = self.source, self.source.feed
        count = feed.videos // feed.shows
        # Block numbers start below 0, seeds do not.
        first = (number + 1_000_000) * count + feed.seed * 10**10
        scripts = tuple(draw_script(first + index) for index in range(count))
        random = np.random.default_rng([83, feed.seed, number + 1_000_000])
        times = tuple(pick_times(script, feed.frames, random) for script in scripts)
        grid = source.pixels.size_px // source.patch_px
        sizes = [small_size(script, source.pixels.size_px) for script in scripts]
        drawn = [
            draw(script, found, size, source.pixels)
            for script, found, size in zip(scripts, times, sizes, strict=True)
        ]
        facts = tuple(
            observe(script, found, size, grid)
            for script, found, size in zip(scripts, times, sizes, strict=True)
        )
        return _Block(scripts, times, np.concatenate(drawn), facts)


def small_size(script: Script, short_px: int) -> tuple[int, int]:
    """Width and height of a script's frames when the shorter side has `short_px` pixels."""
    scale = short_px / min(script.width, script.height)
    return round(script.width * scale), round(script.height * scale)


def draw(
    script: Script,
    times_s: NDArray[np.float64],
    size_px: tuple[int, int],
    settings: PixelSettings,
) -> NDArray[np.uint8]:
    """Frames as the encoder's resize leaves them, uint8 [F,S,S,3]."""
    drawn = render(script, [float(time_s) for time_s in times_s], *size_px)
    return np.stack([np.asarray(fit(Image.fromarray(frame), settings)) for frame in drawn])


def pick_times(script: Script, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """`count` times in order: some anywhere, the others in each event before any second time."""
    spans = [event.span for event in script.events]
    found = list(random.uniform(0, script.duration_s, max(1, count // 5)))
    while len(found) < count:
        for index in random.permutation(len(spans))[: count - len(found)]:
            span = spans[index]
            found.append(random.uniform(span.start_s, span.end_s))
    return np.sort(np.array(found))


def twist(description: Description, dice: Dice) -> Description:
    """The same with one thing said wrong, or the colours of two exchanged."""
    claims = list(description.claims)
    if len(claims) > 1 and dice.chance(0.4):
        one, other = claims[0], claims[1]
        claims[0] = _recolour(one, other.actor.colour)
        claims[1] = _recolour(other, one.actor.colour)
    else:
        index = dice.below(len(claims))
        claims[index] = _wrong(claims[index], dice)
    unseen = any(
        c.actor.shape and c.actor.colour and held_out_pair(c.actor.shape, c.actor.colour)
        for c in claims
    )
    return description if unseen else replace(description, claims=tuple(claims))


def _recolour(claim: Claim, colour: str | None) -> Claim:
    if colour is None or claim.actor.colour is None:
        return claim
    return replace(claim, actor=replace(claim.actor, colour=colour))


def _wrong(claim: Claim, dice: Dice) -> Claim:
    """One attribute drawn anew."""
    actor, setting = claim.actor, claim.setting
    said = [name for name in ("shape", "colour", "size", "count") if getattr(actor, name)]
    said += ["setting"] * (setting.colour is not None)
    if not said:
        return claim
    what = dice.pick(said)
    if what == "setting":
        return replace(claim, setting=replace(setting, colour=dice.pick(COLOURS)))
    tables = {"shape": SHAPES, "colour": COLOURS, "size": SIZES, "count": (1, 2, 3, 4)}
    return replace(claim, actor=replace(actor, **{what: dice.pick(tables[what])}))


def batches(source: Source, first_step: int) -> Iterator[Batch]:
    """All batches from a step on, drawn ahead by worker processes (none: by this one)."""
    workers = source.feed.workers
    if not workers:
        feed = Feed(source)
        step = first_step
        while True:
            yield feed.batch(step)
            step += 1
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(maxsize=3) for _ in range(workers)]
    started = [
        context.Process(
            target=_work, args=(source, first_step + index, workers, queues[index]), daemon=True
        )
        for index in range(workers)
    ]
    for process in started:
        process.start()
    try:
        turn = 0
        while True:
            found = _next(queues[turn % workers], started[turn % workers])
            if isinstance(found, str):
                raise WhenaboutsError(f"drawing training batches failed:\n{found}")
            yield found
            turn += 1
    finally:
        for process in started:
            process.terminate()
            process.join()


def _next(source: multiprocessing.Queue[Batch | str], worker: object) -> Batch | str:
    try:
        return source.get(timeout=_PATIENCE_S)
    except queue.Empty:
        return f"no batch within {_PATIENCE_S:.0f} s from {worker}"


def _work(
    source: Source, first_step: int, stride: int, out: multiprocessing.Queue[Batch | str]
) -> None:
    """A worker: every `stride`-th batch, as fast as they are taken."""
    import traceback

    # Training comes first: drawing fills the gaps it leaves.
    os.nice(5)
    feed = Feed(source)
    step = first_step
    while True:
        try:
            batch = feed.batch(step)
        except Exception:  # noqa: BLE001 (told to the parent, which stops the run)
            out.put(traceback.format_exc())
            return
        if not hand_over(batch, out):
            return
        step += stride


def hand_over(batch: Batch, out: multiprocessing.Queue[Batch | str]) -> bool:
    """Wait until there is room; False when the training process was killed meanwhile."""
    parent = multiprocessing.parent_process()
    while parent is None or parent.is_alive():
        try:
            out.put(batch, timeout=_LOOK_UP_S)
        except queue.Full:
            continue
        return True
    out.cancel_join_thread()
    return False
