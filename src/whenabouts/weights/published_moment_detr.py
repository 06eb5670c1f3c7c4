"""Published Moment-DETR files in our terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whenabouts.models.moment_sizes import MomentSizes
from whenabouts.weights.published.moment_detr import MOMENT_DETR

if TYPE_CHECKING:
    import torch


def from_published(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Their tensors under our names; one without a place is refused."""
    return MOMENT_DETR.to_ours(tensors)


def published_sizes(options: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> MomentSizes:
    """Sizes by the tensors, and what only the options of the training run tell."""
    shapes = {name: tuple(value.shape) for name, value in from_published(tensors).items()}
    sizes = MomentSizes.infer(shapes)
    return MomentSizes.check(
        sizes.model_dump()
        | {
            "heads": options.get("nheads", sizes.heads),
            "text_places": "used" if options.get("use_txt_pos") else sizes.text_places,
            "most_steps": options.get("max_v_l", sizes.most_steps),
            "dropout": options.get("dropout", sizes.dropout),
            "input_dropout": options.get("input_dropout", sizes.input_dropout),
        },
        "the options of the training run",
    )
