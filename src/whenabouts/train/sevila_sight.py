"""Words and pictures of a new SeViLA find each other before it learns to answer.

As BLIP-2's first stage does (https://arxiv.org/abs/2301.12597): a frame is to be told, by the name
of something in view, from names of what is not. How well a name fits is what head 1 of the first
layer of T5's encoder makes of it: the sum of what its words ask for, at the visual token that
answers best. So that head looks for pictures that are like words when the reading of questions is
learnt, and writes what it finds where nothing else is written.

Shapes: F frames, Q visual tokens, N names a frame, L words, D width, C width of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import SettingsError
from whenabouts.models.sevila import Sevila
from whenabouts.models.t5 import END_ID, Ids
from whenabouts.train.rooms import ROOMS, Rooms, head_one, look_for_like
from whenabouts.train.sevila_settle import blocks, projections

_SPREAD = 0.5
"""Deviation of words and visual tokens, as the language model reads them."""
_QUIET = 0.03
"""How loud words ask that have not learnt to, beside the others."""
_STANDS_OUT = 4.0
"""Score above which a name is true: what softmax needs to look at one picture, not at all words."""


@torch.no_grad()
def prepare_sight(model: Sevila, generator: torch.Generator) -> None:
    """Change a new model in place: heads that look for their like, and queries that differ.

    Raises SettingsError where there is no room for them.
    """
    language = model.sizes.language
    width, head = language.width, language.head_width
    if head * ROOMS > width or language.heads < ROOMS:
        raise SettingsError(
            f"learns=sight wants a language model of {ROOMS} heads or more, at most a third as "
            f"wide as itself; it has {language.heads} of {head}, and is {width} wide"
        )
    seen = torch.empty(head, width).normal_(generator=generator)
    rooms = Rooms.beside(torch.linalg.qr(seen.T).Q.T.contiguous(), generator)
    words = model.language.words.weight
    words.normal_(0.0, _SPREAD, generator=generator)
    words -= words @ rooms.seen.T @ rooms.seen
    words -= (1 - _QUIET) * words @ rooms.read.T @ rooms.read
    look_for_like(projections(blocks(model.language.encoder)[0], 0), rooms)
    qformer = model.answerer.qformer
    qformer.queries.normal_(generator=generator)
    for layer in qformer.layers.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.normal_(0.0, layer.in_features**-0.5, generator=generator)
    model.localizer_as_answerer()


def name_scores(model: Sevila, tokens: Tensor, names: Ids) -> Tensor:
    """How well `names` [F*N,L] fit frames of visual tokens [F,Q,D]: [F,N]."""
    part = blocks(model.language.encoder)[0].layer[0]
    own = head_one(model.sizes.language.head_width)
    # The rooms stay, so that words which name nothing stay as quiet as they began.
    query, key = (
        layer.weight[own].detach() for layer in (part.SelfAttention.q, part.SelfAttention.k)
    )
    offered = F.linear(part.layer_norm(tokens), key)
    asked = F.linear(part.layer_norm(model.language.words(names.ids)), query)
    said = names.mask * (names.ids != END_ID)
    wanted = (asked * said[..., None].to(asked.dtype)).sum(dim=1).unflatten(0, (len(tokens), -1))
    return (wanted @ offered.transpose(1, 2)).amax(dim=2)


def name_loss(model: Sevila, memory: Tensor, names: Ids) -> tuple[Tensor, dict[str, float]]:
    """How well the first of each frame's names is told from the others, and true from false.

    `memory` [F,P,W].
    """
    scores = name_scores(model, model.answerer(memory), names).float()
    right = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
    told = F.cross_entropy(scores, right)
    true = F.one_hot(right, scores.shape[1]).to(scores.dtype)
    share = F.binary_cross_entropy_with_logits(scores - _STANDS_OUT, true)
    loss = told + share * scores.shape[1] / 2
    hits = (scores.argmax(dim=1) == right).float().mean()
    return loss, {"name_loss": told.item(), "true_loss": share.item(), "named": 100.0 * hits.item()}
