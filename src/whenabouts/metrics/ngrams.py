"""Caption figures from shared word sequences: CIDEr, BLEU and ROUGE-L of the usual packages.

A corpus is a list of pairs, one prediction against one reference, each a list of tokens. Figures
depend on the corpus as a whole, so which pairs stand in it together is part of a protocol.
Sources: Vedantam et al., "CIDEr" (the form without "-D" clipping of repeats but with its length
penalty, as `pycocoevalcap` computes it); Papineni et al., "BLEU"; Lin, "ROUGE".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Tokens = Sequence[str]
Pair = tuple["Sentence", "Sentence"]
"""Prediction, reference."""

ORDERS = 4
_CIDER_WIDTH = 6.0
_ROUGE_BETA = 1.2
_TINY, _SMALL = 1e-15, 1e-9
"""What the usual BLEU adds above and below its fractions."""


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """Tokens with the counts of their 1- to 4-grams, so that each is counted once."""

    tokens: tuple[str, ...]
    grams: tuple[Counter[tuple[str, ...]], ...]

    @classmethod
    def of(cls, tokens: Tokens) -> Sentence:
        """Counts the n-grams of `tokens`."""
        words = tuple(tokens)
        return cls(
            words,
            tuple(
                Counter(words[start : start + n] for start in range(len(words) - n + 1))
                for n in range(1, ORDERS + 1)
            ),
        )


def cider(pairs: Sequence[Pair], unmatched: int = 0) -> list[float]:
    """CIDEr of each pair, 0 to 10, with the document frequencies of these references.

    `unmatched` counts pairs left out whose reference shares no word with anything: they have 0,
    but are documents of the corpus.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for _, reference in pairs:
        for grams in reference.grams:
            seen.update(grams.keys())
    total = math.log(max(1, len(pairs) + unmatched))
    weights = {gram: total - math.log(count) for gram, count in seen.items()}
    return [_cider_pair(prediction, reference, weights, total) for prediction, reference in pairs]


def _cider_pair(
    prediction: Sentence,
    reference: Sentence,
    weights: dict[tuple[str, ...], float],
    rarest: float,
) -> float:
    bigrams = prediction.grams[1].total() - reference.grams[1].total()
    penalty = math.exp(-(bigrams**2) / (2 * _CIDER_WIDTH**2))
    total = 0.0
    for told, true in zip(prediction.grams, reference.grams, strict=True):
        shared = sum(
            min(count, true[gram]) * true[gram] * weights[gram] ** 2
            for gram, count in told.items()
            if gram in true
        )
        if shared:
            norms = _norm(told, weights, rarest) * _norm(true, weights, rarest)
            total += shared / norms * penalty
    return 10.0 * total / ORDERS


def _norm(
    grams: Counter[tuple[str, ...]], weights: dict[tuple[str, ...], float], rarest: float
) -> float:
    return math.sqrt(sum((n * weights.get(gram, rarest)) ** 2 for gram, n in grams.items()))


def bleu(pairs: Sequence[Pair]) -> list[float]:
    """BLEU-1 to BLEU-4 of the corpus, in [0, 1]."""
    right, told = [0] * ORDERS, [0] * ORDERS
    for prediction, reference in pairs:
        for n, grams in enumerate(prediction.grams):
            told[n] += grams.total()
            right[n] += (grams & reference.grams[n]).total()
    lengths = [sum(len(pair[side].tokens) for pair in pairs) for side in (0, 1)]
    ratio = (lengths[0] + _TINY) / (lengths[1] + _SMALL)
    brevity = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    product, found = 1.0, []
    for n in range(ORDERS):
        product *= (right[n] + _TINY) / (told[n] + _SMALL)
        found.append(product ** (1 / (n + 1)) * brevity)
    return found


def rouge_l(pairs: Sequence[Pair]) -> float:
    """Mean ROUGE-L of the pairs, in [0, 1]."""
    return sum(_rouge_pair(*pair) for pair in pairs) / max(1, len(pairs))


def _rouge_pair(prediction: Sentence, reference: Sentence) -> float:
    shared = _longest_shared(prediction.tokens, reference.tokens)
    if not shared:
        return 0.0
    precision, recall = shared / len(prediction.tokens), shared / len(reference.tokens)
    beta = _ROUGE_BETA**2
    return (1 + beta) * precision * recall / (recall + beta * precision)


def _longest_shared(left: Tokens, right: Tokens) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(right) + 1)
    for word in left:
        corner = 0
        for place, other in enumerate(right):
            above = row[place + 1]
            row[place + 1] = corner + 1 if word == other else max(above, row[place])
            corner = above
    return row[-1]
