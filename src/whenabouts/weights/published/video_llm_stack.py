"""The files that a published video LLM is spread over, read into one set of tensors.

A later file replaces what an earlier one gave. Every tensor of every file is mapped, dropped by
name, or refused, and every weight of the network must come from somewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from whenabouts.errors import WeightsError
from whenabouts.models.eva_vit import resize_positions
from whenabouts.models.llama import is_lora
from whenabouts.models.time_tables import resize_rows
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.weights.published.video_llm_names import (
    IGNORED_BUFFERS,
    UNUSED,
    eva_rules,
    llama_rules,
    model_rules,
    norm_rules,
    plain_llama_name,
    qformer_rules,
)
from whenabouts.weights.rename import Table

if TYPE_CHECKING:
    from whenabouts.models.video_llm import VideoLlm

_MOST_BLOCKS = 64
_BLIP_HEADS = ("llm_proj.*", "Qformer.cls.*", "vision_proj.*", "text_proj.*", "itm_head.*", "temp")
_WINDOW = "video_Qformer."
_EVA_HEADS = ("norm.*", "fc_norm.*", "head.*", "mask_token", "lm_head.*")


@dataclass(frozen=True, slots=True, eq=False)
class StackFile:
    """One file of a stack."""

    label: str
    """Stem of its file name, for messages and for where a weight comes from."""
    table: Table
    tensors: Mapping[str, Tensor]
    fits_tables: bool = True
    """Whether position tables of other lengths are resized to those of the network."""


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """A whole network out of several files."""

    tensors: dict[str, Tensor]
    origin: dict[str, str]
    """Label of the file that each came from; `fresh` for those that begin at random or at zero."""
    resized: tuple[str, ...]
    """Tables that had another length in their file."""


def eva_file(label: str, tensors: Mapping[str, Tensor], sizes: VideoLlmSizes) -> StackFile:
    """The vision transformer: a flat file that may hold more blocks than are used."""
    unused = tuple(f"blocks.{n}.*" for n in range(sizes.vit.layers, _MOST_BLOCKS))
    table = Table("EVA ViT file", eva_rules("vision", ""), (*_EVA_HEADS, *unused))
    return StackFile(label, table, tensors)


def blip_file(label: str, tensors: Mapping[str, Tensor]) -> StackFile:
    """Queries, frame Q-Former and the norm behind the vision transformer, from InstructBLIP."""
    rules = (*qformer_rules("frame_qformer", "Qformer", "query_tokens"), *norm_rules())
    table = Table("InstructBLIP file", rules, (*_BLIP_HEADS, *IGNORED_BUFFERS))
    return StackFile(label, table, tensors)


def llama_file(label: str, tensors: Mapping[str, Tensor], sizes: VideoLlmSizes) -> StackFile:
    """The language model as transformers saves it."""
    table = Table("LLaMA folder", llama_rules("language", "", sizes.lora), IGNORED_BUFFERS)
    return StackFile(label, table, tensors)


def window_file(label: str, tensors: Mapping[str, Tensor], sizes: VideoLlmSizes) -> StackFile:
    """The Q-Former over windows alone, without its queries, of a saved model."""
    some = {n: value for n, value in tensors.items() if n.startswith(_WINDOW)}
    if not some:
        raise WeightsError(f"{label} has no {_WINDOW}*, for which it is read; name another file")
    return model_file(label, some, sizes, fits_tables=False)


def model_file(
    label: str, tensors: Mapping[str, Tensor], sizes: VideoLlmSizes, *, fits_tables: bool = True
) -> StackFile:
    """A saved model, whole or only what was trained, in any spelling of peft's."""
    table = Table(f"checkpoint {label}", model_rules(sizes.lora), (*IGNORED_BUFFERS, *UNUSED))
    spelled = {plain_llama_name(name): value for name, value in tensors.items()}
    if len(spelled) != len(tensors):
        raise WeightsError(f"{label} has the same weight in two spellings; which one counts?")
    return StackFile(label, table, spelled, fits_tables)


def assemble(
    model: VideoLlm, files: Sequence[StackFile], fresh: torch.Generator | None = None
) -> Assembled:
    """All weights of `model` (it may lie on the meta device) from files, the last one first.

    With `fresh`, LoRA, the compression, the tables of times and heads for retrieval may be in no
    file: a start for training. Without, a missing weight is an error.
    """
    sizes, wanted = model.sizes, model.state_dict()
    found: dict[str, Tensor] = {}
    origin: dict[str, str] = {}
    resized: list[str] = []
    for file in files:
        for name, value in file.table.to_ours(file.tensors).items():
            if _left_out(name, sizes):
                continue
            fitted = _fitted(name, value, wanted) if file.fits_tables else value
            if fitted is not value:
                resized.append(name)
            found[name], origin[name] = fitted, file.label
    missing = sorted(wanted.keys() - found.keys())
    lacking = missing if fresh is None else [name for name in missing if not _may_be_fresh(name)]
    if lacking:
        have = ", ".join(file.label for file in files)
        raise WeightsError(
            f"{len(lacking)} weights are in none of the files ({have}), the first is {lacking[0]}; "
            f"it belongs into {_home(lacking[0])}"
        )
    for name in missing:
        found[name] = _fresh(name, wanted[name], fresh)
        origin[name] = "fresh"
    return Assembled(found, origin, tuple(resized))


def _left_out(name: str, sizes: VideoLlmSizes) -> bool:
    """Parts of an ancestor that this network does without."""
    if name.startswith("compress.qformer.") and sizes.compression != "window":
        return True
    of_text = (".words.", ".positions.", ".feed_text.")
    return (
        name.startswith("frame_qformer.")
        and not sizes.takes_times_as_text
        and any(part in name for part in of_text)
    )


def _fitted(name: str, value: Tensor, wanted: Mapping[str, Tensor]) -> Tensor:
    """A position table of another length, resized."""
    if name not in wanted or wanted[name].shape == value.shape:
        return value
    if name == "vision.pos_embed":
        return resize_positions(value, math.isqrt(wanted[name].shape[1] - 1))
    if name == "time.frames":
        return resize_rows(value, wanted[name].shape[0])
    return value


def _may_be_fresh(name: str) -> bool:
    return is_lora(name) or name.startswith(("compress.", "time.", "heads."))


def _fresh(name: str, like: Tensor, generator: torch.Generator | None) -> Tensor:
    """A random or zero start."""
    value = torch.zeros(like.shape, dtype=torch.float32)
    if ".lora_A." in name:
        torch.nn.init.kaiming_uniform_(value, a=math.sqrt(5), generator=generator)
    elif name in ("compress.slots", "compress.query", "compress.codebook"):
        torch.nn.init.normal_(value, generator=generator)
    elif name.startswith(("compress.", "heads.")) and value.ndim > 1:
        torch.nn.init.normal_(value, std=0.02, generator=generator)
    elif "norm" in name and name.endswith("weight"):
        torch.nn.init.ones_(value)
    return value


_HOMES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (is_lora, "the model's own checkpoint"),
    (lambda name: name.startswith("vision."), "eva_vit_g.pth"),
    (
        lambda name: name.startswith(("vision_norm.", "frame_qformer.")),
        "instruct_blip_vicuna7b_trimmed.pth",
    ),
    (lambda name: name.startswith("language."), "the LLaMA-2 folder"),
)


def _home(name: str) -> str:
    """The file that should hold a weight."""
    return next((home for fits, home in _HOMES if fits(name)), "the model's own checkpoint")
