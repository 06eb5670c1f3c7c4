"""Frames and text as weighted tokens in one space, on ONNX networks: the encoder of a library."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingPartError
from whenabouts.models.onnx import CPU_BATCH, CUDA_BATCH, Device, Network
from whenabouts.models.pixels import prepare
from whenabouts.models.scoring import softmax
from whenabouts.models.tokens import TextTokens
from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.types import Encoding
from whenabouts.weights import hub
from whenabouts.weights.folder import TEXT, VISION, fingerprint, read_settings, read_tokens

TINY = "tiny-clip"


class TokenEncoder:
    """An `Encoder` on a checkpoint folder; each tower is opened when first used."""

    def __init__(
        self, folder: Path, *, device: Device = "auto", threads: int | None = None
    ) -> None:
        self.folder = folder
        self.settings = read_settings(folder)
        sizes = self.settings.sizes
        if sizes is not None and (sizes.interaction == "xti" or sizes.temporal == "seq_lstm"):
            raise InputError(
                f"{self.settings.name} compares whole clips ({sizes.interaction}, "
                f"{sizes.temporal}), and a library stores single frames; use a model trained with "
                "interaction dp, ti or wti, and temporal none or seq_transf"
            )
        self._device: Device = device
        self._threads = threads

    @property
    def name(self) -> str:
        """Name for people."""
        return self.settings.name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that changes a vector."""
        return fingerprint(self.folder, self.settings)

    @cached_property
    def width(self) -> int:
        """D."""
        if self.settings.sizes is not None:
            return self.settings.sizes.clip.embed_width
        return self._text.widths[self.settings.text.vectors]

    @property
    def sampling(self) -> Sampling:
        """How many frames it wants."""
        return Sampling(rate_hz=self.settings.rate_hz)

    @property
    def input_px(self) -> int:
        """Side of its square input."""
        return self.settings.pixels.size_px

    def encode_frames(self, pixels: NDArray[np.uint8]) -> FrameVectors:
        """Encode `pixels` uint8 [N,H,W,3] RGB of any H, W."""
        names, network = self.settings.vision, self._vision
        batch = CUDA_BATCH if network.on_cuda else CPU_BATCH
        vectors: list[NDArray[np.float32]] = []
        logits: list[NDArray[np.float32]] = []
        for start in range(0, len(pixels), batch):
            given = prepare(pixels[start : start + batch], self.settings.pixels)
            out = network.run({names.given: given})
            vectors.append(_unit(out[names.vectors]))
            logits.append(_logits(out, names.logits, len(given)))
        if not vectors:
            return FrameVectors(np.zeros((0, self.width), np.float32), np.zeros(0, np.float32))
        return FrameVectors(np.concatenate(vectors), np.concatenate(logits))

    def encode_text(self, text: str) -> Encoding:
        """Encode one query; `words` holds the piece of text behind each vector."""
        if not text.strip():
            raise InputError("the query is empty; describe what should be seen")
        names = self.settings.text
        batch = self._tokens.encode([text])
        feeds = {names.given: batch.ids}
        if names.mask:
            feeds[names.mask] = batch.mask
        out = self._text.run(feeds)
        vectors = _unit(out[names.vectors])[0]
        if vectors.ndim == 1 or len(vectors) == 1:
            return Encoding(vectors.reshape(1, -1), np.ones(1, np.float32), words=(text,))
        valid = batch.mask[0] > 0
        logits = _logits(out, names.logits, len(vectors))[valid]
        return Encoding(vectors[valid], softmax(logits), words=batch.words[0])

    @cached_property
    def _vision(self) -> Network:
        return Network(self.folder / VISION, device=self._device, threads=self._threads)

    @cached_property
    def _text(self) -> Network:
        # One short text at a time: a second device would only cost start-up and memory.
        return Network(self.folder / TEXT, device="cpu", threads=self._threads)

    @cached_property
    def _tokens(self) -> TextTokens:
        return read_tokens(self.folder, self.settings)


def tiny() -> TokenEncoder:
    """The encoder that comes with the package; it knows only what shape world taught it."""
    if not hub.TINY_FOLDER.is_dir():
        raise MissingPartError(
            "the built-in encoder is not in this copy of the package; install a released version, "
            "or train it: whenabouts train recipes/tiny-clip.toml"
        )
    return TokenEncoder(hub.TINY_FOLDER)


def open_encoder(
    where: str | Path = TINY, *, device: Device = "auto", threads: int | None = None
) -> TokenEncoder:
    """An encoder by name or place; nothing is ever fetched here.

    `where` is `tiny-clip`, a checkpoint folder of ours, or the name of a model that
    `whenabouts models get` or `whenabouts convert` has put in place.

    Raises:
        MissingPartError: the model is not on this machine; the message says how to get it.
    """
    if str(where) == TINY:
        return tiny()
    return TokenEncoder(hub.find(where), device=device, threads=threads)


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Length 1 along the last axis; harmless where that is so already."""
    plain = vectors.astype(np.float32, copy=False)
    return plain / np.maximum(np.linalg.norm(plain, axis=-1, keepdims=True), 1e-12)


def _logits(out: dict[str, NDArray[Any]], name: str, length: int) -> NDArray[np.float32]:
    """Weight logits of a row; zeros for networks that do not weigh."""
    if not name:
        return np.zeros(length, np.float32)
    return out[name].reshape(-1).astype(np.float32, copy=False)
