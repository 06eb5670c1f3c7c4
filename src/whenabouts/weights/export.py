"""A network as two ONNX files, so that use needs no torch.

`vision.onnx`: `pixels` float32 [N,3,S,S] to `vectors` [N,D] of unit length and `logits` [N].
`text.onnx`: `ids` and `mask` int64 [B,L] to `vectors` [B,L,D] of unit length and `logits` [B,L];
for models that compare one vector a text (`dp`), L is 1 there.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from whenabouts.errors import InputError, MissingPartError
from whenabouts.models.interaction import last_of
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.weights.folder import TEXT, VISION

_MASKED_LOGIT = -1e9
_OPSET = 20
_INLINE_BYTES = 1_500_000_000
"""Weights above this go into a file beside the ONNX file, which may not exceed 2 GB."""


class VisionTower(nn.Module):
    """Pictures to unit vectors and weight logits."""

    def __init__(self, model: RetrievalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """[N,3,S,S] to [N,D] and [N]."""
        tokens = self.model.images(pixels)
        vectors = tokens.vectors[0]
        logits = torch.zeros_like(vectors[:, 0]) if tokens.logits is None else tokens.logits[0]
        return F.normalize(vectors, dim=-1), logits


class TextTower(nn.Module):
    """Texts to unit vectors and weight logits, token by token."""

    def __init__(self, model: RetrievalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """[B,L] to [B,L,D] and [B,L]; padding gets a logit that leaves it no weight."""
        tokens = self.model.text(ids, mask)
        vectors = F.normalize(tokens.vectors, dim=-1)
        logits = torch.zeros_like(vectors[..., 0]) if tokens.logits is None else tokens.logits
        return vectors, logits.masked_fill(mask == 0, _MASKED_LOGIT)


class PooledTextTower(nn.Module):
    """Texts to one unit vector each."""

    def __init__(self, model: RetrievalModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """[B,L] to [B,1,D] and [B,1]."""
        pooled = last_of(self.model.text(ids, mask).vectors, mask)
        vectors = F.normalize(pooled, dim=-1).unsqueeze(1)
        return vectors, torch.zeros_like(vectors[..., 0])


def export(model: RetrievalModel, folder: Path) -> None:
    """Write `vision.onnx` and `text.onnx` into `folder`.

    `vision.onnx` sees every picture as a clip of one frame, also where the network mixes frames.
    """
    sizes = model.sizes
    if sizes.temporal == "seq_lstm":
        raise InputError(
            "a network whose frames pass through an LSTM cannot be exported; "
            "a library needs one with temporal = none or seq_transf"
        )
    model = model.eval().float().cpu()
    side_px, context = sizes.clip.image_px, sizes.clip.context_tokens
    batch = torch.export.Dim("batch", min=1, max=1 << 20)
    length = torch.export.Dim("length", min=1, max=context)
    write_onnx(
        VisionTower(model),
        (torch.zeros(2, 3, side_px, side_px),),
        folder / VISION,
        names=(["pixels"], ["vectors", "logits"]),
        dynamic=({0: batch},),
    )
    ids = torch.zeros(2, min(7, context), dtype=torch.int64)
    pooled = sizes.interaction == "dp"
    write_onnx(
        PooledTextTower(model) if pooled else TextTower(model),
        (ids, torch.ones_like(ids)),
        folder / TEXT,
        names=(["ids", "mask"], ["vectors", "logits"]),
        dynamic=({0: batch, 1: length}, {0: batch, 1: length}),
    )


def write_onnx(
    tower: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    *,
    names: tuple[list[str], list[str]],
    dynamic: tuple[Any, ...],
) -> None:
    """Export one tower; `names` are those of its inputs and outputs."""
    bulk = sum(value.numel() * value.element_size() for value in tower.state_dict().values())
    with _quiet(), torch.no_grad():
        try:
            # Traced here rather than by the exporter, which would freeze a size without a word.
            traced = torch.export.export(tower, example, dynamic_shapes=dynamic, strict=False)
            torch.onnx.export(
                traced,
                (),
                path,
                input_names=names[0],
                output_names=names[1],
                opset_version=_OPSET,
                external_data=bulk > _INLINE_BYTES,
                dynamo=True,
                verbose=False,
            )
            _forget_sources(path)
        except ImportError as error:
            raise MissingPartError(
                f"export needs onnx and onnxscript ({error}); pip install 'whenabouts[torch]'"
            ) from error


def _forget_sources(path: Path) -> None:
    """Take out the stack traces that the exporter leaves: they hold paths of this machine."""
    import onnx

    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    del model.metadata_props[:]
    for part in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    for tensor in graph.initializer:
        del tensor.metadata_props[:]
        tensor.doc_string = ""
    onnx.save(model, path)


@contextmanager
def _quiet() -> Generator[None]:
    """The exporter talks about its own inner workings; keep that to itself."""
    talkers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [talker.level for talker in talkers]
    for talker in talkers:
        talker.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for talker, level in zip(talkers, levels, strict=True):
            talker.setLevel(level)
