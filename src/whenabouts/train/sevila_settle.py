"""How a new SeViLA begins to read and answer, once its words and pictures have found each other.

Each word of a question looks at the visual tokens like it and writes what it finds into one room
of the space (`rooms.py`); a gated net multiplies what the word means with what it found: how well
the two match. The next layer hands what the best matching word found to all words, and again
multiplies: so options know whether they are true of it. The letters of options gather both matches
from the words behind them, and the decoder reads words and letters that match. All of it is only
where training begins: everything learns on, and everything else begins quietly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from whenabouts.errors import SettingsError
from whenabouts.models.sevila import Sevila
from whenabouts.models.sevila_prompts import LETTERS, target
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.train.rooms import LOOKING, ROOMS, Projections, Rooms, head_one

_QUIET = 0.03
"""Of all that writes besides."""
_SIGNS = 6
"""Directions outside the rooms that say one thing each."""
_WORD = 2.0
"""How much of a word says that it is one."""
_PICTURE = 0.3
"""How much of a visual token says that it is one, beside a deviation of 1."""
_MATCH = 3.0
"""Loudness of a match, for a product of 1."""
_ATTENDS = 1.0
"""How firmly words that match are attended to."""
_FIRM = 4.0
"""By how much a head prefers a place."""
_ANSWERED = 0.02
"""Loudness of what was found, in the scores of the next word."""
_UNSAID = 0.3
"""Of what words score at first."""
_SAID = 2.0
"""How loudly the words are said that answers are made of."""
_YES = 0.3
"""How loudly a match says "yes"."""
_LETTERS = 8
"""How many letters can be told apart at first."""
_TOLD = (3.0, 6.0)
"""How much the match of an option counts, and whether it is true of what was found."""
_LETTER = 0.5
"""How firmly letters are attended to."""
_NAMED = 0.2
"""How loudly a letter that was read is said."""
_NEED = (3, 2)
"""Least layers of encoder and decoder."""


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """Directions [D] of one meaning each."""

    word: Tensor
    picture: Tensor
    match: Tensor
    true: Tensor
    """Of what the best matching word found."""
    told_match: Tensor
    told_true: Tensor
    """Both as letters gather them."""

    @classmethod
    def beside(cls, rooms: Rooms, generator: torch.Generator) -> Signs:
        """Orthogonal to all rooms and to each other, of whatever the rooms were made."""
        whole = torch.cat([rooms.seen, rooms.read, rooms.found])
        free = torch.linalg.qr(whole.T, mode="complete").Q[:, len(whole) :]
        mixed = torch.empty(free.shape[1], _SIGNS).normal_(generator=generator)
        return cls(*(free @ torch.linalg.qr(mixed).Q).T.contiguous())


@torch.no_grad()
def settle(model: Sevila, tokens: T5Tokens, generator: torch.Generator) -> None:
    """Change a model whose words and pictures fit together, in place.

    Raises SettingsError where it has too few layers.
    """
    language = model.sizes.language
    if (language.layers, language.decoder_layers) < _NEED or language.decoder_layers < _NEED[1]:
        raise SettingsError(
            f"learns=sight wants {_NEED[0]} layers of encoder and {_NEED[1]} of decoder or more; "
            f"there are {language.layers} and {language.decoder_layers}"
        )
    if language.width - ROOMS * language.head_width < _SIGNS:
        raise SettingsError(
            f"learns=sight wants {_SIGNS} directions beside {ROOMS} heads of "
            f"{language.head_width}; the width is {language.width}"
        )
    encoder, decoder = blocks(model.language.encoder), blocks(model.language.decoder)
    words, scores = model.language.words.weight, model.language.head.weight
    scores *= _UNSAID
    first = projections(encoder[0], 0)
    own = head_one(language.head_width)
    rooms = Rooms(first.key[own].clone(), first.query[own] / LOOKING, first.out[:, own].T.clone())
    signs = Signs.beside(rooms, generator)
    for block in (*encoder, *decoder):
        _hush(block)
    _clean(model, rooms, signs)
    first.out[:, own] = rooms.found.T
    first.value[own] = LOOKING * rooms.seen
    _multiply(encoder[0], rooms.read, rooms.found, signs.match)
    _pass_on(projections(encoder[1], 0), signs, rooms.found, rooms.seen)
    _multiply(encoder[1], rooms.read, rooms.seen, signs.true)
    _gather(encoder, (signs.match, signs.true), (signs.told_match, signs.told_true))
    _pass_on(projections(decoder[0], 1), signs, rooms.found, rooms.found)
    _attend(projections(decoder[0], 1), own, signs.word, signs.match)
    reads = projections(decoder[0], 1)
    reads.value[own], reads.out[:, own] = 0.0, 0.0
    reads.value[own.start], reads.out[:, own.start] = signs.match, signs.match
    letters = projections(decoder[1], 1)
    names = tokens.letter_ids(_LETTERS)
    named = nn.functional.normalize(words[names], dim=1)
    _attend(letters, own, signs.word, _TOLD[0] * signs.told_match + _TOLD[1] * signs.told_true)
    letters.query[own.start + 1] = _LETTER * signs.word
    letters.key[own.start + 1] = named.sum(dim=0)
    letters.value[own] = 0.0
    letters.value[own.start : own.start + _LETTERS] = named
    letters.out[:, own.start : own.start + _LETTERS] = named.T
    scores[names] += _NAMED * named
    asked = rooms.read @ words.T
    scores += _ANSWERED * (asked / asked.std()).T @ rooms.found
    option = tokens.target(target(0))
    said = {tokens.yes_id, tokens.no_id, *option, *tokens.letter_ids(len(LETTERS))}
    scores[sorted(said)] += _SAID * signs.word
    scores[tokens.yes_id] += _YES * signs.match
    scores[tokens.no_id] -= _YES * signs.match
    model.localizer_as_answerer()


@torch.no_grad()
def rank_by_yes(model: Sevila, tokens: T5Tokens) -> None:
    """Let the score of "yes", by which frames are ranked, be that above "no".

    What is taken from the scores of all words alike changes no chance.
    """
    scores = model.language.head.weight
    scores -= scores[tokens.no_id].clone()


def _hush(block: Any) -> None:
    """Let all that writes begin quietly."""
    for layer in block.layer:
        for name, module in cast(nn.Module, layer).named_modules():
            if name.endswith((".o", ".wo")):
                cast(nn.Linear, module).weight.mul_(_QUIET)


def _clean(model: Sevila, rooms: Rooms, signs: Signs) -> None:
    """Words and visual tokens say nothing where others are to write, and what they are."""
    said = torch.stack(
        [signs.match, signs.true, signs.told_match, signs.told_true, signs.word, signs.picture]
    )
    words = model.language.words.weight
    for room in (rooms.seen, rooms.found, said):
        words -= words @ room.T @ room
    words += _WORD * signs.word
    project = model.answerer.project
    for room in (rooms.read, rooms.found, said):
        for weight in (project.weight, project.bias):
            weight -= room.T @ (room @ weight)
    project.bias += _PICTURE * len(project.bias) ** 0.5 * signs.picture


def _multiply(block: Any, one: Tensor, other: Tensor, into: Tensor) -> None:
    """The gated net adds up products of two rooms: gelu(a) b - gelu(-a) b = a b."""
    net = block.layer[-1].DenseReluDense
    count = len(one)
    net.wi_0.weight[: 2 * count] = torch.cat([one, -one])
    net.wi_1.weight[: 2 * count] = torch.cat([other, -other])
    net.wo.weight[:, : 2 * count] = _MATCH * into[:, None] / count**0.5


def _pass_on(attention: Projections, signs: Signs, given: Tensor, into: Tensor) -> None:
    """Head 0 hands on what the best matching words have in one room."""
    head = slice(0, len(given))
    _attend(attention, head, signs.word, signs.match)
    attention.value[head], attention.out[:, head] = given, into.T


def _attend(attention: Projections, head: slice, asking: Tensor, asked: Tensor) -> None:
    """A head by one sign of those who ask and one of those who are asked."""
    attention.query[head] = 0.0
    attention.key[head] = 0.0
    attention.query[head.start], attention.key[head.start] = _ATTENDS * asking, asked


def _gather(encoder: Sequence[Any], given: Sequence[Tensor], into: Sequence[Tensor]) -> None:
    """The last head gathers signs from the words behind a word: "A: a blue star" is told at "A"."""
    near = encoder[0].layer[0].SelfAttention.relative_attention_bias.weight
    ahead = len(near) // 2
    near[ahead + 2 : ahead + 6, -1] = _FIRM
    attention = projections(encoder[2], 0)
    head = slice(len(attention.query) - len(attention.query) // near.shape[1], None)
    for weights in (attention.query, attention.key, attention.value):
        weights[head] = 0.0
    attention.out[:, head] = 0.0
    for place, (sign, goal) in enumerate(zip(given, into, strict=True), start=head.start):
        attention.value[place], attention.out[:, place] = sign, goal


def blocks(stack: nn.Module) -> list[Any]:
    """The layers of one side of T5."""
    return list(cast(Any, stack).block)


def projections(block: Any, layer: int) -> Projections:
    """Of the self-attention of a block, or of its cross-attention (layer 1 of the decoder)."""
    part = block.layer[layer]
    attention = part.EncDecAttention if layer else part.SelfAttention
    layers = (attention.q, attention.k, attention.v, attention.o)
    return Projections(*(linear.weight for linear in layers))
