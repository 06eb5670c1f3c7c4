"""Sizes of SeViLA's networks; read without torch, so that settings can name them."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from whenabouts.models.video_llm_sizes import QFormerSizes, VitSizes
from whenabouts.settings import Settings


class T5Sizes(Settings):
    """Sizes of a T5 with gated feed-forward nets and a head of its own (1.1, Flan)."""

    width: int = Field(gt=0)
    feed_width: int = Field(gt=0)
    layers: int = Field(gt=0)
    """Of the encoder."""
    decoder_layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    head_width: int = Field(gt=0)
    vocab_tokens: int = Field(gt=0)
    buckets: int = Field(default=32, gt=0)
    """Of relative positions."""
    far_tokens: int = Field(default=128, gt=0)
    """Distances from here on share a bucket."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    norm_eps: float = Field(default=1e-6, gt=0)
    exact_gelu: bool = True
    """BLIP-2 and SeViLA were trained with the exact GELU; Flan-T5 by itself has the tanh form."""


class SevilaSizes(Settings):
    """A vision transformer and a language model that two heads share."""

    vit: VitSizes
    qformer: QFormerSizes
    """Of each head."""
    language: T5Sizes

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.qformer.words or self.qformer.memory_width != self.vit.width:
            raise ValueError(
                f"the Q-Formers read pictures of width {self.vit.width} and no text; set "
                "qformer.memory_width to it and qformer.words to 0"
            )
        return self
