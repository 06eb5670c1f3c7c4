"""A learned guess at what an utterance asks for, beside what the rules say.

Pieces of the text, what it refers to, the state of the conversation and the rules' own reading each
have a row of small weights; their sum goes through one layer. `tools/hunch.py` learns the weights
from utterances whose meaning is known.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.dialogue.plan import Plan
from whenabouts.dialogue.references import marked
from whenabouts.dialogue.said import Said

LABELS = (
    "find", "refine", "moment", "answer", "compare", "similar", "like", "dislike", "show", "play",
    "export", "undo", "say", "restart", "more", "before", "after", "start", "end",
)  # fmt: skip
"""What is told apart: acts; two verdicts; four parts of a video."""
BITS = 16
"""Pieces share 2**BITS rows of weights."""
WIDTH = 32
GAIN = 3.0
"""The sum of n rows is divided by √n and multiplied by this."""
WEIGHTS = Path(__file__).parents[1] / "weights" / "tiny" / "dialogue" / "hunch.npz"
_TOKENS = re.compile(r"\[[a-z]+\]|[a-z]+(?:'[a-z]+)?|\d+|[\u3400-\u9fff]|[^\s\w]")
_ONE = frozenset(("rank", "most", "name", "met"))
_MOST = 7
"""Lengths and numbers of references count up to here."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What an utterance probably asks for."""

    label: str
    share: float
    """Probability, 0 to 1."""
    ruled: float
    """Probability of what the rules say."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Learned numbers. Legend: P pieces, H hidden, L labels."""

    rows: NDArray[np.int8]
    """[P,H], times `scale`."""
    scale: float
    out: NDArray[np.float32]
    """[L,H]."""
    bias: NDArray[np.float32]
    """[L]."""


def guess(said: Said, plan: Plan) -> Guess:
    """The most probable label of an utterance that the rules read as `plan`."""
    shares = probabilities(pieces(said, plan), _weights())
    best = int(shares.argmax())
    return Guess(LABELS[best], float(shares[best]), float(shares[LABELS.index(label(plan))]))


def reasons(said: Said, plan: Plan, most: int = 5) -> list[tuple[str, float]]:
    """The pieces that speak most for the guess: what its probability loses without each."""
    told = pieces(said, plan)
    whole = probabilities(told, _weights())
    best = int(whole.argmax())
    found: dict[str, float] = {}
    for at, piece in enumerate(told):
        rest = probabilities(told[:at] + told[at + 1 :], _weights())
        found[piece] = float(whole[best] - rest[best])
    return sorted(found.items(), key=lambda one: -one[1])[:most]


def probabilities(told: list[str], weights: Weights) -> NDArray[np.float32]:
    """The probability of each label, [L]."""
    rows = np.array([zlib.crc32(piece.encode("utf-8")) % (1 << BITS) for piece in told])
    total = weights.rows[rows].sum(axis=0, dtype=np.float32) * np.float32(weights.scale)
    hidden = np.maximum(total / np.sqrt(np.float32(len(rows))) * GAIN, 0)
    scores = weights.out @ hidden + weights.bias
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def label(plan: Plan) -> str:
    """The label of what the rules say."""
    if plan.do == "judge":
        return "like" if plan.step > 0 else "dislike"
    if plan.do == "step":
        return plan.kind or ("after" if plan.step > 0 else "before")
    if plan.do == "whole":
        return plan.kind or "show"
    return _SAME.get(plan.do, plan.do)


_SAME = {"fact": "answer", "filter": "refine", "reply": "refine", "pick": "show"}


def state(said: Said) -> str:
    """What is in view: nothing, a list, one that was picked, an answer about it, a part of it."""
    scene = said.scene
    if scene.moment:
        return "M"
    if scene.picked:
        return "A" if scene.told else "P"
    return "L" if scene.shown else "N"


def pieces(said: Said, plan: Plan) -> list[str]:
    """What speaks for one label or the other; each is known by its text alone."""
    longest = 4 if said.lang == "zh" else 3
    words, bare = (
        _TOKENS.findall(said.text.lower()),
        _TOKENS.findall(marked(said.text, said.cues).lower()),
    )
    shared = [
        f"len:{_step(words, said)}",
        f"lenb:{_step(bare, said)}",
        f"q:{'?' if said.asks else ''}",
    ]
    shared += [f"nr:{min(sum(ref.kind in _ONE for ref in said.refs), 3)}"]
    kinds = sorted({ref.kind for ref in said.refs})
    shared += [f"k:{kind}" for kind in kinds]
    runs = list(_runs(["<", *words, ">"], 1, longest, ""))
    told = {*shared, *runs, *_runs(["<", *bare, ">"], 2, longest, "b")}
    if said.lang == "en":
        told |= set(_parts_of_words(words))
    now = state(said)
    stated = [f"{now}{piece}" for piece in (*shared, *runs) if piece[:2] not in ("3:", "4:")]
    if kinds:
        stated += [f"{now}{kinds[0]}{piece}" for piece in runs if piece.startswith("1:")]
    told = [*sorted(told), *sorted(set(stated)), now, *_ruled(plan, now)]
    return [said.lang + piece for piece in told]


def _step(words: list[str], said: Said) -> int:
    return min(len(words) // (4 if said.lang == "zh" else 2), _MOST)


def _runs(words: list[str], least: int, most: int, name: str) -> Iterable[str]:
    for size in range(least, most + 1):
        for at in range(len(words) - size + 1):
            yield f"{name}{size}:{' '.join(words[at : at + size])}"


def _parts_of_words(words: list[str]) -> Iterable[str]:
    """Pairs with a word between them; how long words begin and end."""
    for one, other in zip(words, words[2:], strict=False):
        yield f"s:{one}_{other}"
    for word in words:
        if len(word) > 4:
            yield f"p:{word[:4]}"
            yield f"e:{word[-3:]}"


def _ruled(plan: Plan, now: str) -> list[str]:
    """The rules' reading, roughly and in detail; empty where they did not read."""
    marks = (
        ("J", plan.rejects), ("S", plan.swaps), ("R", plan.refs), ("K", plan.kind),
        ("W", plan.without), ("F", plan.filters.any),
    )  # fmt: skip
    name = label(plan)
    detail = name + "".join(mark for mark, there in marks if there)
    return [f"rule:{name}", f"rule:{name}{now}", f"rule:{detail}", f"rule:{detail}{now}"]


def without_rules(told: list[str]) -> list[str]:
    """Pieces without the rules' reading: for utterances that rules were written for."""
    return [piece for piece in told if "rule:" not in piece[:7]]


@cache
def _weights() -> Weights:
    with np.load(WEIGHTS, allow_pickle=False) as held:
        return Weights(held["rows"], float(held["scale"]), held["out"], held["bias"])
