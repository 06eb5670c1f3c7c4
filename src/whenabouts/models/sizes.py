"""Sizes of the two-tower networks; read without torch, so that settings files can name them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field

from whenabouts.errors import WeightsError
from whenabouts.settings import Settings

Activation = Literal["quick_gelu", "gelu", "gelu_tanh"]
"""x*sigmoid(1.702x) as in the OpenAI weights; the exact GELU; its tanh approximation."""

Interaction = Literal["dp", "ti", "wti", "xti"]
"""One vector each; mean of token maxima; maxima weighted by learned token weights; a network that
reads text and clip together (no cosine, so no library can be searched with it)."""

Temporal = Literal["none", "seq_transf", "seq_lstm"]
"""What mixes the frames of a clip before they are compared: nothing, four blocks, one LSTM."""

MaskMode = Literal["zero", "exclude"]
"""Padded slots take part in the maxima as similarity 0 (published behaviour), or do not."""

_HEAD_WIDTH = 64


class ClipSizes(Settings):
    """Sizes of a CLIP: two pre-norm transformers with one space of `embed_width`."""

    embed_width: int = Field(gt=0)
    vision_width: int = Field(gt=0)
    vision_layers: int = Field(gt=0)
    vision_heads: int = Field(gt=0)
    patch_px: int = Field(gt=0)
    image_px: int = Field(gt=0)
    text_width: int = Field(gt=0)
    text_layers: int = Field(gt=0)
    text_heads: int = Field(gt=0)
    context_tokens: int = Field(gt=0)
    """Rows of the text position table: the longest text, start and end tokens included."""
    vocab_tokens: int = Field(gt=0)
    activation: Activation = "quick_gelu"

    @property
    def patches(self) -> int:
        """Patches of one picture, without the class token."""
        return (self.image_px // self.patch_px) ** 2

    @classmethod
    def infer(
        cls, shapes: Mapping[str, tuple[int, ...]], activation: Activation = "quick_gelu"
    ) -> Self:
        """Sizes from the tensor shapes of a state dict; heads are 64 wide, as in all releases.

        The activation leaves no trace in shapes: OpenAI weights use the default.
        """

        def shape(key: str) -> tuple[int, ...]:
            if key not in shapes:
                raise WeightsError(
                    f"no tensor {key!r} among {len(shapes)}; this is not a CLIP with a vision "
                    "transformer (the ResNet variants are not supported)"
                )
            return tuple(shapes[key])

        vision_width, _, _, patch_px = shape("visual.conv1.weight")
        grid = math.isqrt(shape("visual.positional_embedding")[0] - 1)
        vocab_tokens, text_width = shape("token_embedding.weight")
        return cls(
            embed_width=shape("text_projection")[1],
            vision_width=vision_width,
            vision_layers=_layers(shapes, "visual.transformer.resblocks."),
            vision_heads=max(1, vision_width // _HEAD_WIDTH),
            patch_px=patch_px,
            image_px=grid * patch_px,
            text_width=text_width,
            text_layers=_layers(shapes, "transformer.resblocks."),
            text_heads=max(1, text_width // _HEAD_WIDTH),
            context_tokens=shape("positional_embedding")[0],
            vocab_tokens=vocab_tokens,
            activation=activation,
        )


class HeadSizes(Settings):
    """What compares the tokens of a CLIP with the frames of a clip."""

    interaction: Interaction = "wti"
    mask_mode: MaskMode = "zero"
    weight_layers: int = Field(default=2, ge=1, le=3)
    """Linear layers of each token-weight network; only used by `wti`."""
    weight_hidden: int | None = None
    """Width of their hidden layers; None: the embedding width."""
    temporal: Temporal = "none"
    temporal_layers: int = Field(default=4, gt=0)
    temporal_positions: int = Field(default=77, gt=0)
    """Rows of the frame position table, so the longest clip in frames."""
    cross_layers: int = Field(default=4, gt=0)
    """Blocks of the network of `xti`."""
    cross_heads: int = Field(default=8, gt=0)


class RetrievalSizes(HeadSizes):
    """A CLIP with what compares its tokens with the frames of a clip."""

    clip: ClipSizes

    @property
    def head(self) -> HeadSizes:
        """All but the CLIP."""
        return HeadSizes.model_validate(self.model_dump(exclude={"clip"}))

    @classmethod
    def infer(cls, shapes: Mapping[str, tuple[int, ...]]) -> Self:
        """Sizes from the tensor shapes of a state dict in our layout.

        Of models without weights of their own, `ti` and `dp` look alike: it is taken for `dp`.
        """
        clip = {
            key.removeprefix("clip."): at for key, at in shapes.items() if key.startswith("clip.")
        }
        weighs = any(key.startswith("text_weight_fc.") for key in shapes)
        layers, hidden = infer_weight_net(shapes, "text_weight_fc") if weighs else (1, None)
        blocks = _layers(shapes, "temporal.transformerClip.resblocks.")
        recurrent = any(key.startswith("temporal.lstm_visual.") for key in shapes)
        positions = shapes.get("temporal.frame_position_embeddings.weight")
        crossed = _layers(shapes, "pairs.cross.transformer.resblocks.")
        return cls(
            clip=ClipSizes.infer(clip),
            interaction="wti" if weighs else "xti" if crossed else "dp",
            weight_layers=layers,
            weight_hidden=hidden,
            cross_layers=crossed or cls.model_fields["cross_layers"].default,
            temporal="seq_transf" if blocks else "seq_lstm" if recurrent else "none",
            temporal_layers=blocks or cls.model_fields["temporal_layers"].default,
            temporal_positions=(
                positions[0] if positions else cls.model_fields["temporal_positions"].default
            ),
        )


def infer_weight_net(shapes: Mapping[str, tuple[int, ...]], prefix: str) -> tuple[int, int | None]:
    """Layers and hidden width of the weight network stored under `prefix` (no final dot)."""
    layers = sum(key.startswith(f"{prefix}.") and key.endswith("weight") for key in shapes)
    if not 1 <= layers <= 3:
        raise WeightsError(
            f"{prefix!r} has {layers} weight matrices; a token-weight network has 1 to 3"
        )
    return layers, None if layers == 1 else shapes[f"{prefix}.0.weight"][0]


def _layers(shapes: Mapping[str, tuple[int, ...]], prefix: str) -> int:
    """Number of distinct block numbers behind `prefix`."""
    return len({key[len(prefix) :].split(".")[0] for key in shapes if key.startswith(prefix)})
