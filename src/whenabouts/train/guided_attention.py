"""Guided attention: two heads of one layer of the language model are taught where to look.

A help for small models trained from nothing, in training alone. Head 0, about to write a time, is
taught to look at the frame of that time; head 1, having read a question or a caption, at the frames
that it is about. Each is the divergence of the head's attention over the visual tokens of the video
from the wanted one. Where compression mixes frames, a frame lies in each visual token by the
weight that it has there.

Shapes: V videos of T frames of N tokens each, K visual tokens, B rows of L tokens, H heads of
width E.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from whenabouts.errors import SettingsError
from whenabouts.models.compress import CrossSlots, Slots
from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.models.video_qformer import windows
from whenabouts.settings import Settings
from whenabouts.train.guided_targets import Target, Times

_FOLLOWED = ("slots", "cross", "window", "none")
_LEAST = 1e-9


class GuidedSettings(Settings):
    """How much the two heads are taught."""

    weight: float = Field(default=0.5, gt=0)
    """Beside the loss of the answers."""
    layer: int = Field(default=2, ge=0)
    """Of the language model, from 0."""
    questions: bool = False
    """Teach head 1 at each word of a question as well: words find what they mean long before an
    answer knows what was asked. Of drawn videos alone."""
    numbers: bool = False
    """Of dialogues: teach head 0 of the layer before, at each visual token of a candidate, to look
    at the candidate's number, so that who finds the candidate finds its number; and count that
    number in the answer once more, alone."""

    def fits(self, sizes: VideoLlmSizes) -> None:
        """Refuse a network in which it means nothing."""
        language = sizes.language
        if self.layer >= language.layers or language.heads < 2:
            raise SettingsError(
                f"guided.layer is {self.layer}, with two heads; the language model has "
                f"{language.layers} layers of {language.heads} heads"
            )
        if self.numbers and not self.layer:
            raise SettingsError("guided.numbers is about the layer before guided.layer, which is 0")
        if sizes.compression not in _FOLLOWED:
            raise SettingsError(
                f"guided attention cannot follow frames through compression="
                f"{sizes.compression!r}; take one of {', '.join(_FOLLOWED)}, or remove guided"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """What is to be looked at in one video of a batch."""

    row: int
    first: int
    """Place of its first visual token in the row."""
    time_places: Tensor
    """int64 [M]: tokens of times; the position before each is taught."""
    time_frames: Tensor
    """int64 [M]: the frame of each."""
    span_places: Tensor
    """int64 [S]: positions that know what the text is about."""
    span_frames: Tensor
    """bool [S,T]: the frames of it."""
    time_tokens: Tensor
    """int64 [M]: tokens of the answer that each belongs to."""
    span_tokens: Tensor
    """int64 [S]: the same."""

    def to(self, device: torch.device) -> Guide:
        """The same on a device."""
        tensors = (
            self.time_places, self.time_frames, self.span_places, self.span_frames,
            self.time_tokens, self.span_tokens,
        )  # fmt: skip
        return Guide(self.row, self.first, *(tensor.to(device) for tensor in tensors))


def make_guide(
    row: int, first: int, places: Sequence[tuple[int, Target]], times_s: NDArray[np.float64]
) -> Guide:
    """From targets and where they stand in the row; `times_s` [T] are those of the frames."""
    timed = [
        (place, target.time_s, target.answer_tokens)
        for place, target in places
        if target.time_s is not None
    ]
    spans = [
        (place, target.span_s, target.answer_tokens)
        for place, target in places
        if target.span_s is not None
    ]
    return Guide(
        row,
        first,
        torch.tensor([place for place, _, _ in timed], dtype=torch.long),
        torch.tensor([_nearest(time_s, times_s) for _, time_s, _ in timed], dtype=torch.long),
        torch.tensor([place for place, _, _ in spans], dtype=torch.long),
        torch.from_numpy(
            np.array([_within(span_s, times_s) for _, span_s, _ in spans], bool).reshape(
                len(spans), len(times_s)
            )
        ),
        torch.tensor([tokens for _, _, tokens in timed], dtype=torch.long),
        torch.tensor([tokens for _, _, tokens in spans], dtype=torch.long),
    )


def _nearest(time_s: float, times_s: NDArray[np.float64]) -> int:
    return int(np.abs(times_s - time_s).argmin())


def _within(span_s: Times, times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Frames inside; the nearest to the middle if none is."""
    inside = (times_s >= span_s[0]) & (times_s <= span_s[1])
    if not inside.any():
        inside[_nearest((span_s[0] + span_s[1]) / 2, times_s)] = True
    return inside


def frame_shares(model: VideoLlm, framed: Tensor) -> Tensor:
    """How much of each frame lies in each visual token: `framed` [V,T,N,W] to [V,T,K]."""
    videos, frames, tokens = framed.shape[:3]
    match model.sizes.compression:
        case "slots" | "cross":
            pool = cast(Slots | CrossSlots, model.compress)
            weights = pool.weights(framed.detach().flatten(1, 2)).detach()
            return weights.unflatten(1, (frames, tokens)).sum(dim=2)
        case "window":
            sizes = model.sizes
            cut = windows(frames, sizes.window_frames, sizes.stride_frames)
            inside = torch.zeros(frames, len(cut), device=framed.device)
            for place, (first, end) in enumerate(cut):
                inside[first:end, place] = 1.0
            shares = inside.repeat_interleave(sizes.video_tokens, dim=1)
        case _:
            shares = torch.eye(frames, device=framed.device).repeat_interleave(tokens, dim=1)
    return shares.expand(videos, -1, -1)


@dataclass(slots=True)
class Watched:
    """What one layer's attention asked and offered in the last pass: [B,L,H*E] each."""

    queries: list[Tensor] = field(default_factory=list[Tensor])
    keys: list[Tensor] = field(default_factory=list[Tensor])


@contextmanager
def watching(model: VideoLlm, layer: int) -> Generator[Watched]:
    """Keep queries and keys of a layer, before their rotation."""
    seen = Watched()
    attention = cast(Any, model.language.model.layers[layer]).self_attn

    def keep(into: list[Tensor]) -> Any:
        def hook(_module: Any, _given: Any, made: Tensor) -> None:
            into[:] = [made]

        return hook

    hooks = [
        attention.q_proj.register_forward_hook(keep(seen.queries)),
        attention.k_proj.register_forward_hook(keep(seen.keys)),
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def two_heads(model: VideoLlm, watched: Watched, positions: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and keys of heads 0 and 1, rotated to their `positions` [B,L]: [B,2,L,E] each."""
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    width = model.sizes.language.width // model.sizes.language.heads
    query, key = (
        found[0].float().unflatten(-1, (-1, width))[:, :, :2].transpose(1, 2)
        for found in (watched.queries, watched.keys)
    )
    cos, sin = cast(Any, model.language.model.rotary_emb)(query, positions)
    return apply_rotary_pos_emb(query, key, cos, sin)


def guided_loss(
    heads: tuple[Tensor, Tensor],
    guides: Sequence[Guide],
    shares: Sequence[Tensor],
    power: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Mean divergence of head 0 and of head 1; `shares` are [T,K] a video, in order of `guides`.

    0 where nothing is taught. Places in answers of n tokens count n^-power.
    """
    query, key = heads
    apart: tuple[list[Tensor], list[Tensor]] = ([], [])
    for guide, share in zip(guides, shares, strict=True):
        count = share.shape[1]
        offered = key[guide.row, :, guide.first : guide.first + count]
        asked = (guide.time_places - 1, guide.span_places)
        wanted = (share[guide.time_frames], guide.span_frames.to(share.dtype) @ share)
        for head in range(2):
            scores = query[guide.row, head, asked[head]] @ offered[head].T / query.shape[-1] ** 0.5
            apart[head].append(_divergence(scores, wanted[head]))
    tokens = (
        torch.cat([guide.time_tokens for guide in guides]),
        torch.cat([guide.span_tokens for guide in guides]),
    )
    return _mean(torch.cat(apart[0]), tokens[0], power), _mean(
        torch.cat(apart[1]), tokens[1], power
    )


def _mean(apart: Tensor, tokens: Tensor, power: float) -> Tensor:
    weights = tokens.float() ** -power
    return (apart * weights).sum() / weights.sum().clamp_min(_LEAST)


def _divergence(scores: Tensor, wanted: Tensor) -> Tensor:
    """[M,K] each to the Kullback-Leibler divergence of each row."""
    share = wanted / wanted.sum(dim=1, keepdim=True).clamp_min(_LEAST)
    return F.kl_div(scores.log_softmax(dim=-1), share, reduction="none").sum(dim=1)


def guides_of(
    rows: Sequence[tuple[Sequence[int], Sequence[Target], Sequence[tuple[int, int]]]],
    image_id: int,
    times_s: Sequence[NDArray[np.float64]],
) -> list[Guide]:
    """A guide a video, by the number of the video.

    `rows` have ids, targets, and of each video in them its number and first place.
    """
    found: dict[int, Guide] = {}
    for number, (ids, targets, videos) in enumerate(rows):
        borders = [first for _, first in videos] + [len(ids)]
        for (video, _), (first, end) in zip(videos, pairwise(borders), strict=True):
            places = [(place, targets[place]) for place in range(first, end)]
            visual = list(ids).index(image_id, first)
            found[video] = make_guide(number, visual, places, times_s[video])
    return [found[video] for video in sorted(found)]
