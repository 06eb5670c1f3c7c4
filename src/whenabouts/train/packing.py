"""Several questions about a video, and several videos, in one row of a batch.

Every question reads the video and itself alone, and its positions go on from the video as if it
were the only one, so that a packed row learns exactly what its samples would learn one by one; the
video is read once instead of once a question.

Shapes: B rows, L tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

import torch
from torch import Tensor

from whenabouts.models.chat_text import IGNORED
from whenabouts.models.splice import pad_right
from whenabouts.train.guided_targets import NOWHERE, Target

Pack = Literal["off", "questions", "rows"]
"""`off`: one conversation a row. `questions`: each turn on its own, all about one video in one row.
`rows`: rows of several videos are put together as well, up to the longest text."""
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Text:
    """One text about one video: equally many ids, labels and places to look at."""

    ids: list[int]
    labels: list[int]
    targets: list[Target]

    @property
    def first_learnt(self) -> int:
        """The first place whose token is learnt; the length if none is."""
        return next((i for i, one in enumerate(self.labels) if one != IGNORED), len(self.labels))


@dataclass(frozen=True, slots=True)
class Row:
    """Texts one behind the other."""

    ids: list[int]
    labels: list[int]
    targets: list[Target]
    own: list[int]
    """Which piece each token belongs to."""
    reads: list[int]
    """Which piece it reads besides its own: that of its video."""
    positions: list[int]
    videos: list[tuple[int, int]]
    """Number of each video in the batch, and its first place in the row."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Rows as tensors."""

    ids: Tensor
    """int64 [B,L]."""
    labels: Tensor
    mask: Tensor
    """bool [B,1,L,L]: True where the position of a row may read that of a column."""
    positions: Tensor
    """int64 [B,L]."""


def one_video(texts: Sequence[Text], video: int) -> Row:
    """Texts that begin with the same video: what all begin with is kept once.

    The token before the first one learnt always stays with its own question.
    """
    first = texts[0]
    most = min(text.first_learnt for text in texts) - 1
    alike = takewhile(
        lambda place: all(text.ids[place] == first.ids[place] for text in texts), range(most)
    )
    common = max(0, len(list(alike)))
    row = Row(
        first.ids[:common],
        [IGNORED] * common,
        nowhere(common),  # what all have in common is about nothing that one of them asks
        [0] * common,
        [0] * common,
        list(range(common)),
        [(video, 0)],
    )
    for number, text in enumerate(texts, start=1):
        rest = len(text.ids) - common
        row.ids.extend(text.ids[common:])
        row.labels.extend(text.labels[common:])
        row.targets.extend(text.targets[common:])
        row.own.extend([number] * rest)
        row.reads.extend([0] * rest)
        row.positions.extend(range(common, common + rest))
    return row


def together(rows: Sequence[Row], limit: int) -> list[Row]:
    """Rows put together as long as they stay within `limit` tokens, the longest first."""
    bins: list[list[Row]] = []
    for row in sorted(rows, key=lambda one: -len(one.ids)):
        for found in bins:
            if sum(len(one.ids) for one in found) + len(row.ids) <= limit:
                found.append(row)
                break
        else:
            bins.append([row])
    return [_joined(found) for found in bins]


def as_tensors(rows: Sequence[Row], pad_id: int) -> Packed:
    """Rows padded behind, with what each position reads."""
    ids = pad_right([row.ids for row in rows], pad_id)
    own = pad_right([row.own for row in rows], _NOBODY)
    reads = pad_right([row.reads for row in rows], _NOBODY)
    before = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).tril()
    mine = own[:, :, None] == own[:, None]
    video = reads[:, :, None] == own[:, None]
    # As in rows that are not packed, a genuine <unk> is not read.
    mask = before & (mine | video) & ids.ne(pad_id)[:, None]
    # Padding reads itself: attention over nothing is not a number.
    mask |= torch.eye(ids.shape[1], dtype=torch.bool) & own.eq(_NOBODY)[:, :, None]
    labels = pad_right([row.labels for row in rows], IGNORED)
    positions = pad_right([row.positions for row in rows], 0)
    return Packed(ids, labels, mask[:, None], positions)


def _joined(rows: Sequence[Row]) -> Row:
    whole = Row([], [], [], [], [], [], [])
    for row in rows:
        pieces = max(whole.own, default=-1) + 1
        start = len(whole.ids)
        whole.videos.extend((video, start + first) for video, first in row.videos)
        whole.ids.extend(row.ids)
        whole.labels.extend(row.labels)
        whole.targets.extend(row.targets)
        whole.own.extend(pieces + piece for piece in row.own)
        whole.reads.extend(pieces + piece for piece in row.reads)
        whole.positions.extend(row.positions)
    return whole


def nowhere(count: int) -> list[Target]:
    """Targets of so many tokens at which nothing is taught."""
    return [NOWHERE] * count
