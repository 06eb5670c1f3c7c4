"""A new video LLM that begins in an encoder's space, where its frames and words fit together.

From nothing a small model spends most of its training on finding out which words mean which
pictures, which the encoder whose eyes it has knows. Here the first cross-attention of the frame
Q-Former begins as the encoder's own way to read a picture (the class token through its projection),
windows pass on the mean of their frames, the projection begins as the identity, and each row of the
table of words as what the encoder makes of that word. The head that guided attention teaches begins
by looking for its like along the directions in which pictures differ most, and writes what it finds
where nothing else is written; from there the words that are answered are read. The tables of time
say nothing along those directions. Training goes on from there with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.catalog import part
from whenabouts.errors import SettingsError
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.qformer import Attend
from whenabouts.models.torch_pixels import normalised
from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.models.video_qformer import VideoQFormer
from whenabouts.protocols import Encoder
from whenabouts.shapeworld.render import frame_times, render
from whenabouts.shapeworld.scene import draw_script
from whenabouts.train.rooms import ROOMS, Projections, Rooms, look_for_like

_SCRIPTS, _EACH = 96, 4
"""Drawn videos, and frames of each, that tell what is common to all pictures."""
_SURE = 12.0
"""By how much the class token's score is above that of the other tokens."""
_FIRM = 1e-2
"""Added to the variances, in shares of their mean."""
_LOUD = 2.0
"""Deviation of what is read, beside queries of deviation 1."""
_SPREAD = 0.5
"""Deviation of words and visual tokens, as the language model reads them."""
_ANSWERED = 0.06
"""Deviation of the rows that score the next word."""


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Whose space a model begins in."""

    encoder: str
    """A name of the catalog."""
    projection: Tensor
    """[W,E]: takes its class token to its space."""
    layer: int | None = None
    """Layer of the language model whose head 1 looks for its like."""


@torch.no_grad()
def align(
    model: VideoLlm,
    settings: VideoLlmSettings,
    tokens: LlamaTokens,
    start: Aligned,
    generator: torch.Generator,
) -> None:
    """Change a new model, whose eyes are those of the encoder, in place.

    Raises SettingsError where widths differ, or where there are too few heads.
    """
    encoder, projection = start.encoder, start.projection
    widths = (model.sizes.frame_qformer.width, model.sizes.language.width)
    if set(widths) != {projection.shape[1]}:
        raise SettingsError(
            f"fresh.aligned wants frame_qformer.width and language.width to be "
            f"{projection.shape[1]}, the width of {encoder}; they are {widths[0]} and {widths[1]}"
        )
    heads = model.sizes.language.heads
    if heads < ROOMS:
        raise SettingsError(
            f"fresh.aligned wants a language model of at least {ROOMS} heads; there are {heads}"
        )
    memory = torch.cat(list(_memories(model, settings)))
    layer = cast(Any, model.frame_qformer.layers[0])
    _read_class(cast(Attend, layer.cross), memory, projection.float())
    if isinstance(model.compress, VideoQFormer):
        _pass_on(cast(Any, model.compress.qformer.layers[0]).cross)
    nn.init.eye_(model.project.weight).mul_(_SPREAD)
    head = model.sizes.language.width // heads
    rooms = _rooms(memory[:, 0] @ projection.float(), head, generator)
    for table in (model.time.frames, model.time.seconds):
        if table is not None:
            table -= table @ rooms.seen.T @ rooms.seen
    words = cast(nn.Embedding, model.language.get_input_embeddings()).weight
    words.normal_(0.0, _SPREAD, generator=generator)
    texts = {i: text for i in range(tokens.vocab_tokens) if (text := _said(tokens, i))}
    opened = cast(Encoder, part("encoder", encoder)())
    meant = _vectors(opened, list(texts.values())) @ rooms.seen.T
    meant *= (words.shape[1] / head) ** 0.5 / meant.std(dim=1, keepdim=True)
    words[list(texts)] = _SPREAD * meant @ rooms.read
    model.language.lm_head.weight[list(texts)] = _ANSWERED * meant @ rooms.found
    if start.layer is not None:
        attention = cast(Any, model.language.model.layers[start.layer]).self_attn
        weights = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj)
        look_for_like(Projections(*(layer.weight for layer in weights)), rooms)


def _memories(model: VideoLlm, settings: VideoLlmSettings) -> Iterator[Tensor]:
    """What the eyes make of frames of drawn videos, [T,1+P,W] each."""
    side = settings.pixels.size_px
    for seed in range(_SCRIPTS):
        script = draw_script(seed)
        times_s = frame_times(script)
        places = np.linspace(0, len(times_s) - 1, _EACH).astype(np.int64)
        pixels = render(script, cast("list[float]", times_s[places].tolist()), side, side)
        yield model.eye(normalised(torch.from_numpy(pixels), settings.pixels))


def _read_class(cross: Attend, memory: Tensor, projection: Tensor) -> None:
    """Attend to the class token alone, and give what it says beyond what all pictures have."""
    width = cross.query.out_features
    classes, others = memory[:, 0], memory[:, 1:].flatten(0, 1)
    between = classes.mean(dim=0) - others.mean(dim=0)
    within = torch.cov(others.T) + torch.cov(classes.T)
    within += _FIRM * within.diagonal().mean() * torch.eye(len(within))
    apart = torch.linalg.solve(within, between)  # Fisher's discriminant
    apart = apart / (apart @ between)
    head = width // cross.heads
    asks = torch.full((width,), head**-0.5)
    nn.init.zeros_(cross.query.weight)
    cross.query.bias.copy_(asks)
    cross.key.weight.copy_(_SURE * head**0.5 * asks[:, None] * apart)
    nn.init.zeros_(cross.key.bias)
    said = classes @ projection
    loud = _LOUD / said.std(dim=0).mean()
    cross.value.weight.copy_(loud * projection.T)
    cross.value.bias.copy_(-loud * said.mean(dim=0))
    nn.init.eye_(cross.dense.weight)
    nn.init.zeros_(cross.dense.bias)


def _rooms(said: Tensor, count: int, generator: torch.Generator) -> Rooms:
    """`said` [N,E]: vectors of pictures, whose directions of most difference are where they are."""
    slow = torch.arange(count).view(2, -1).T.flip(0).flatten()  # pairs of a head, slowest first
    seen = torch.empty(count, said.shape[1])
    seen[slow] = torch.linalg.svd(said - said.mean(dim=0), full_matrices=False).Vh[:count]
    return Rooms.beside(seen, generator)


def _pass_on(cross: Attend) -> None:
    """Give what is read as it is: at first the mean of a window, which stays in the same space."""
    for layer in (cross.value, cross.dense):
        nn.init.eye_(layer.weight)
        nn.init.zeros_(layer.bias)
    cross.value.weight.mul_(_LOUD)


def _said(tokens: LlamaTokens, number: int) -> str:
    """The text of a piece; empty where it says nothing by itself."""
    text = tokens.decode([number]).strip()
    return text if text.isprintable() and any(map(str.isalpha, text)) else ""


def _vectors(encoder: Encoder, texts: list[str]) -> Tensor:
    """[N,E]: what the encoder makes of each text beyond what all texts have, of deviation 1."""
    found = np.stack([(e := encoder.encode_text(text)).weights @ e.vectors for text in texts])
    found = found - found.mean(axis=0)
    return torch.from_numpy(found / found.std()).float()
