"""Ways to say things: draws utterances from the grammars in `tools/ways/`.

A grammar has lines `$name = ...`, headings `= label states` and, under a heading, ways to say what
the label means in these states of a conversation (`hunch.py` of the dialogue room names both).
`(a|b)` is one of two, `(a)?` and `a?` may be left out, `[,.]` is one of these marks, `$name` is
what the name stands for.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).with_name("ways")
MORE_OF = {
    "refine": 3.0, "find": 2.0, "show": 1.5, "answer": 1.5, "moment": 1.5, "say": 1.3, "like": 1.2,
    "dislike": 1.2, "start": 0.7, "end": 0.7, "more": 0.5, "restart": 0.4,
}  # fmt: skip
"""Labels of which more is drawn, or less, than of others."""
_PLAIN = re.compile(r"[^|()$\[?]+")
_NAME = re.compile(r"\$(?:\{(\w+)\}|([a-z]+))")
_DEFINED = re.compile(r"\$(\w+) = (.+)")


@dataclass(slots=True)
class Part:
    """A piece of a way: text, a name, or one of several sequences."""

    text: str = ""
    name: str = ""
    ways: list[list[Part]] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How often it is chosen among others: the more ways there are, the oftener."""
        return sum(map(_weight, self.ways)) if self.ways else 3.0 if self.name else 1.0


def _weight(way: list[Part]) -> float:
    product = 1.0
    for part in way:
        product *= max(part.weight, 1.0)
    return min(product, 60.0) ** 0.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """An utterance, its label and the state in which it is said."""

    text: str
    label: str
    state: str


class Grammar:
    """The ways of one language."""

    def __init__(self, lang: str) -> None:
        """Reads the file of a language."""
        self.names: dict[str, Part] = {}
        self.blocks: list[tuple[str, str, list[Part]]] = []
        self.lang = lang
        for line in (FOLDER / f"{lang}.txt").read_text("utf-8").splitlines():
            defined = _DEFINED.fullmatch(line)
            if defined is not None:
                self.names[defined[1]] = _read(defined[2])
            elif line.startswith("= "):
                label, states = line[2:].split()
                self.blocks.append((label, states, []))
            elif line.strip() and not line.startswith("#"):
                self.blocks[-1][2].append(_read(line))

    def draw(self, count: int, rng: random.Random) -> list[Drawn]:
        """About `count` utterances a label."""
        blocks: dict[str, int] = {}
        for label, _, _ in self.blocks:
            blocks[label] = blocks.get(label, 0) + 1
        found: list[Drawn] = []
        for label, states, ways in self.blocks:
            weights = [way.weight for way in ways]
            for _ in range(int(count * MORE_OF.get(label, 1.0) / blocks[label])):
                text = self._text(rng.choices(ways, weights)[0], rng)
                text = self._dressed(" ".join(text.split()), rng)
                if text:
                    found.append(Drawn(text, label, rng.choice(states)))
        return found

    def _text(self, part: Part, rng: random.Random) -> str:
        if part.name:
            return self._text(self.names[part.name], rng)
        if not part.ways:
            return part.text
        way = rng.choices(part.ways, [_weight(way) for way in part.ways])[0]
        return "".join(self._text(one, rng) for one in way)

    def _dressed(self, text: str, rng: random.Random) -> str:
        """With a capital letter or a mark, now and then."""
        if self.lang == "en" and rng.random() < 0.25:
            text = text[:1].upper() + text[1:]
        if text and rng.random() < 0.15:
            text += rng.choice(".!?" if self.lang == "en" else "。！？")
        return text


def _read(text: str) -> Part:
    part, at = _ways(text, 0)
    if at != len(text):
        raise ValueError(f"a bracket is missing or closed twice in: {text}; see {FOLDER}")
    return part


def _ways(text: str, at: int) -> tuple[Part, int]:
    """The alternatives from `at` to the bracket that closes them, and its place."""
    ways: list[list[Part]] = [[]]
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            ways.append([])
            at += 1
        elif text[at] == "(":
            part, at = _ways(text, at + 1)
            at += 1
            if text[at : at + 1] == "?":
                part, at = _perhaps(part), at + 1
            ways[-1].append(part)
        elif text[at] == "[":
            end = text.index("]", at)
            ways[-1].append(Part(ways=[[Part(mark)] for mark in text[at + 1 : end]]))
            at = end + 1
        elif text[at] == "$":
            match = _NAME.match(text, at)
            if match is None:
                raise ValueError(f"a name is missing behind $ in: {text}; see {FOLDER}")
            ways[-1].append(Part(name=match[1] or match[2]))
            at = match.end()
        else:
            told, at = _letters(text, at)
            ways[-1] += told
    return Part(ways=ways), at


def _letters(text: str, at: int) -> tuple[list[Part], int]:
    """Plain text; its last letter may be left out where a question mark follows inside a way."""
    match = _PLAIN.match(text, at)
    if match is None:
        return [Part("?")], at + 1
    word, at = match[0], match.end()
    behind = text[at + 1 : at + 2]
    inside = behind not in ("", "|", ")", " ") or (behind == " " and word[-1] in ",s")
    if text[at : at + 1] == "?" and (inside or not word.isascii()):
        return [Part(word[:-1]), _perhaps(Part(word[-1]))], at + 1
    return [Part(word)], at


def _perhaps(part: Part) -> Part:
    return Part(ways=[[part], [part], []])
