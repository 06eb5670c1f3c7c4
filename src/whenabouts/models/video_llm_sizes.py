"""Sizes of the networks of a video LLM; read without torch, so that settings can name them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from whenabouts.models.sizes import Activation
from whenabouts.settings import Settings

Compression = Literal["window", "slots", "cross", "codebook", "diverse", "entropy", "none"]
"""What makes few tokens of the tokens of all frames: a Q-Former over windows of frames; soft
pooling by learned vectors; attention with learned queries; the token nearest to each code; tokens
far from each other; tokens with the most information; nothing."""

LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")


class VitSizes(Settings):
    """Sizes of an EVA vision transformer."""

    image_px: int = Field(gt=0)
    patch_px: int = Field(gt=0)
    width: int = Field(gt=0)
    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    feed_width: int = Field(gt=0)
    """Inside of each block's two linear layers."""
    pre_norm: bool = False
    """A norm in front of the first block and norms with CLIP's epsilon: a picture tower of CLIP."""
    activation: Activation = "gelu"
    """EVA's, or that of a picture tower of CLIP."""

    @property
    def side(self) -> int:
        """Patches along one side."""
        return self.image_px // self.patch_px

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.image_px % self.patch_px:
            raise ValueError(f"{self.image_px} px do not divide into {self.patch_px} px patches")
        return self


class QFormerSizes(Settings):
    """Sizes of a Q-Former: learned queries that read a memory by cross-attention."""

    queries: int = Field(gt=0)
    width: int = Field(gt=0)
    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    feed_width: int = Field(gt=0)
    memory_width: int = Field(gt=0)
    """Width of what it reads."""
    cross_every: int = Field(default=2, gt=0)
    """Layers 0, n, 2n, ... have cross-attention."""
    words: int = Field(default=0, ge=0)
    """Rows of the word table; 0: it takes no text and has no text layers."""
    positions: int = Field(default=512, gt=0)
    """Rows of the position table of the text."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Of hidden states and attention, in training."""


class LlamaSizes(Settings):
    """Sizes of a LLaMA."""

    width: int = Field(gt=0)
    feed_width: int = Field(gt=0)
    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    vocab_tokens: int = Field(gt=0)
    """Rows of the embedding table and of the head."""
    context_tokens: int = Field(default=4096, gt=0)
    norm_eps: float = Field(default=1e-5, gt=0)
    rope_base: float = Field(default=10000.0, gt=0)
    rope_stretch: float = Field(default=1.0, ge=1)
    """Positions are divided by it: linear scaling for contexts beyond the trained one."""


class LoraSizes(Settings):
    """Low-rank additions to the language model."""

    rank: int = Field(default=32, gt=0)
    alpha: float = Field(default=32.0, gt=0)
    """Their scale is alpha / rank; 20 instead of 32 gives TimeChat its language ability back."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    targets: tuple[str, ...] = LORA_TARGETS


class VideoLlmSizes(Settings):
    """A vision transformer, a Q-Former a frame, a compression over time, a language model."""

    vit: VitSizes
    frame_qformer: QFormerSizes
    """With `words` it reads a sentence that says the frame's time, and keeps its positions."""
    frame_positions: int = Field(default=96, gt=0)
    """Rows of the table of frame numbers, so the most frames of a video."""
    second_positions: int = Field(default=0, ge=0)
    """Rows of the table of whole seconds; 0: there is none."""
    compression: Compression = "window"
    video_tokens: int = Field(default=32, gt=0)
    """Tokens a window, or of the whole video; counts for nothing with `none`."""
    window_frames: int = Field(default=32, ge=0)
    """0: one window over everything."""
    stride_frames: int = Field(default=32, ge=0)
    window_layers: int = Field(default=2, gt=0)
    """Layers of the Q-Former over windows."""
    mask_text_padding: bool = False
    """Hide padded positions of the sentences about times from the Q-Former over windows. Published
    models see them, so that their tokens depend a little on what else is in a batch."""
    language: LlamaSizes
    lora: LoraSizes | None = None
    """None: the language model is used, and trained, as it is."""
    head_width: int = Field(default=0, ge=0)
    """Inside of the heads that choose a video and a moment; 0: there are none."""

    @model_validator(mode="after")
    def _can_mask(self) -> Self:
        if self.mask_text_padding and not (
            self.takes_times_as_text and self.compression == "window"
        ):
            raise ValueError("mask_text_padding is for times as text and compression by windows")
        return self

    @property
    def takes_times_as_text(self) -> bool:
        """Whether the frame Q-Former reads a sentence about the time."""
        return self.frame_qformer.words > 0

    @property
    def window_qformer(self) -> QFormerSizes:
        """The Q-Former over windows: as wide as the one a frame, cross-attention everywhere."""
        frame = self.frame_qformer
        return frame.model_copy(
            update={
                "queries": self.video_tokens,
                "layers": self.window_layers,
                "memory_width": frame.width,
                "cross_every": 1,
                "words": 0,
            }
        )

    def tokens_of(self, frames: int, text_tokens: int = 0) -> int:
        """Visual tokens of a video of so many frames; `text_tokens` a frame matter for `none`."""
        if self.compression == "none":
            return frames * (self.frame_qformer.queries + text_tokens)
        if self.compression != "window" or not self.windowed:
            return self.video_tokens
        return self.video_tokens * -(-frames // self.stride_frames)

    @property
    def windowed(self) -> bool:
        """Whether the video is cut into windows of frames at all."""
        return self.window_frames > 0 and self.stride_frames > 0
