"""Sizes of Moment-DETR, apart from the network: reading them needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from whenabouts.errors import WeightsError
from whenabouts.settings import Settings


class MomentSizes(Settings):
    """How large a Moment-DETR is, and which of its parts it has."""

    video_width: int = Field(gt=0)
    """Columns of a step of the video as the network takes it, the two of its place included."""
    text_width: int = Field(gt=0)
    width: int = Field(default=256, gt=0)
    heads: int = Field(default=8, gt=0)
    feed_forward: int = Field(default=1024, gt=0)
    encoder_layers: int = Field(default=2, gt=0)
    decoder_layers: int = Field(default=2, gt=0)
    queries: int = Field(default=10, gt=0)
    """Windows that are told of each video."""
    input_layers: int = Field(default=2, ge=1, le=3)
    pre_norm: bool = False
    text_places: Literal["none", "unused", "used"] = "none"
    """Published files carry a table of word positions that they do not use."""
    most_words: int = Field(default=32, gt=0)
    """Rows of that table; texts are cut to as many tokens."""
    most_steps: int = Field(default=75, gt=0)
    """Longer videos are looked at in windows of so many steps."""
    align_width: int = Field(default=0, ge=0)
    """Of the contrastive alignment of words and windows; 0: none."""
    spans: Literal["regress", "point"] = "regress"
    """`regress`: centre and width come out of a small network, as published. `point`: each edge is
    looked for among the steps, so that a short moment of a long video is as exact as a long one."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    attention_dropout: float = Field(default=0.1, ge=0, lt=1)
    """Of the weights of attention; on a processor a third of the time of a step."""
    input_dropout: float = Field(default=0.5, ge=0, lt=1)

    @classmethod
    def infer(cls, shapes: Mapping[str, tuple[int, ...]]) -> MomentSizes:
        """The sizes that tensors of these names and shapes have; heads are 32 wide, as published.

        Raises:
            WeightsError: a part that every Moment-DETR has is not there.
        """
        try:
            queries, width = shapes["queries.weight"]
            return cls(
                video_width=shapes["video_in.0.norm.weight"][0],
                text_width=shapes["text_in.0.norm.weight"][0],
                width=width,
                heads=max(1, width // 32),
                feed_forward=shapes["encoder.0.wide.weight"][0],
                encoder_layers=_count(shapes, "encoder.{}.wide.weight"),
                decoder_layers=_count(shapes, "decoder.{}.wide.weight"),
                queries=queries,
                input_layers=_count(shapes, "video_in.{}.linear.weight"),
                pre_norm="encoder_norm.weight" in shapes,
                text_places="unused" if "text_places.table.weight" in shapes else "none",
                most_words=shapes.get("text_places.table.weight", (32,))[0],
                align_width=shapes.get("align.queries.weight", (0,))[0],
                spans="regress" if "span.0.weight" in shapes else "point",
            )
        except KeyError as error:
            raise WeightsError(f"no Moment-DETR: there is no tensor {error}") from None


def _count(shapes: Mapping[str, tuple[int, ...]], pattern: str) -> int:
    """How many blocks, counted from 0, have a tensor of this name."""
    number = 0
    while pattern.format(number) in shapes:
        number += 1
    return number
