"""Published Moment-DETR files in our terms."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import WeightsError
from whenabouts.models.moment_sizes import MomentSizes
from whenabouts.weights.folder import read_tensors
from whenabouts.weights.pickles import load_pickle
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
            "attention_dropout": options.get("dropout", sizes.attention_dropout),
            "input_dropout": options.get("input_dropout", sizes.input_dropout),
        },
        "the options of the training run",
    )


def read_moment_detr(path: Path) -> tuple[MomentSizes, dict[str, torch.Tensor]]:
    """Sizes and tensors of a checkpoint as training writes it: `model` beside `opt` and others.

    Raises:
        WeightsError: a tensor has no place here, or one that is needed is missing.
    """
    if path.suffix == ".safetensors":
        stored, options = read_tensors(path), {}
    else:
        held = load_pickle(path, (argparse.Namespace,))
        stored = held.get("model", held)
        given = held.get("opt", {})
        options = given if isinstance(given, Mapping) else vars(given)
    if not isinstance(stored, Mapping) or not stored:
        raise WeightsError(f"{path} holds no tensors under `model`")
    return published_sizes(options, stored), from_published(stored)
