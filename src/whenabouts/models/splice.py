"""Visual tokens into the embedded text of a prompt; prompts of several lengths into one batch.

Shapes: B texts, L tokens, K visual tokens, D width of the language model.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from whenabouts.errors import InputError


def splice(ids: Tensor, embedded: Tensor, seen: Sequence[Tensor], image_id: int) -> Tensor:
    """`embedded` [B,L,D] with the rows where `ids` is `image_id` replaced by `seen`, B of [K,D].

    Each text must have as many places as there are visual tokens, in one run.
    """
    # Vision runs in another precision than the language model; the wider of both is kept.
    wide = torch.promote_types(embedded.dtype, seen[0].dtype) if seen else embedded.dtype
    rows: list[Tensor] = []
    for row, text, tokens in zip(ids, embedded.to(wide), seen, strict=True):
        places = row.eq(image_id).nonzero()[:, 0]
        first, count = (int(places[0]), len(places)) if len(places) else (0, 0)
        if count != len(tokens) or (count and int(places[-1]) - first + 1 != count):
            raise InputError(
                f"the prompt has {count} places for {len(tokens)} visual tokens, or they are not "
                "in one run; was it cut to a length that is too short?"
            )
        rows.append(torch.cat([text[:first], tokens.to(wide), text[first + count :]]))
    return torch.stack(rows)


def scatter(ids: Tensor, embedded: Tensor, seen: Sequence[Tensor], image_id: int) -> Tensor:
    """`embedded` [B,L,D] with `seen`, V of [K,D], where `ids` is `image_id`, one after the other.

    Videos may stand anywhere; all of them together must have as many places as visual tokens.
    """
    places = ids.eq(image_id)
    count = sum(map(len, seen))
    if int(places.sum()) != count:
        raise InputError(
            f"the texts have {int(places.sum())} places for {count} visual tokens; were they cut "
            "to a length that is too short?"
        )
    if not seen:
        return embedded
    visual = torch.cat(list(seen))
    wide = torch.promote_types(embedded.dtype, visual.dtype)
    return embedded.to(wide).masked_scatter(places[..., None], visual.to(wide))


def pad_left(prompts: Sequence[Tensor], filler: Tensor) -> tuple[Tensor, Tensor]:
    """Embedded prompts of [L,D] each to [B,L,D] and a mask [B,L], `filler` [D] in front."""
    longest = max(len(prompt) for prompt in prompts)
    mask = torch.zeros(len(prompts), longest, dtype=torch.long, device=prompts[0].device)
    rows: list[Tensor] = []
    for row, prompt in enumerate(prompts):
        short = longest - len(prompt)
        rows.append(torch.cat([filler.to(prompt.dtype).expand(short, -1), prompt]))
        mask[row, short:] = 1
    return torch.stack(rows), mask


def keep_last(embedded: Tensor, mask: Tensor, room: int) -> tuple[Tensor, Tensor]:
    """At most the last `room` positions of a batch padded in front, with their mask."""
    if room < 1:
        raise InputError(f"no room for a prompt: {room} tokens; ask for a shorter answer")
    return embedded[:, -room:], mask[:, -room:]


def pad_right(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """Ids or labels of several lengths to int64 [B,L]."""
    longest = max(len(row) for row in rows)
    return torch.stack(
        [F.pad(torch.tensor(row), (0, longest - len(row)), value=filler) for row in rows]
    ).long()
