"""Networks as ONNX files: the only module that imports onnxruntime."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingPartError, WeightsError

Device = Literal["auto", "cpu", "cuda"]
Arrays = dict[str, NDArray[Any]]

CPU_BATCH = 16
"""Pictures at once on a CPU: larger batches are no faster there and only cost memory."""
CUDA_BATCH = 128


class Network:
    """One ONNX file, ready to run."""

    def __init__(self, path: Path, *, device: Device = "auto", threads: int | None = None) -> None:
        """Open `path`; `threads` None: all cores this process may use."""
        import onnxruntime as ort

        if not path.is_file():
            raise MissingPartError(f"no network {path}; export it with `whenabouts convert`")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or usable_cores()
        # Spinning threads take the cores that decoding runs on, and count as work done.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        providers = _providers(device)
        try:
            self._session = ort.InferenceSession(str(path), options, providers=providers)
        except Exception as error:
            raise WeightsError(f"{path} is not a usable ONNX network: {error}") from error
        self.on_cuda = self._session.get_providers()[0] != "CPUExecutionProvider"
        self.inputs = tuple(value.name for value in self._session.get_inputs())
        self.outputs = tuple(value.name for value in self._session.get_outputs())
        self.widths = {value.name: value.shape[-1] for value in self._session.get_outputs()}
        """Last axis of each output."""

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Arrays:
        """Outputs by name."""
        values = self._session.run(None, dict(feeds))
        return {name: np.asarray(value) for name, value in zip(self.outputs, values, strict=True)}


def usable_cores() -> int:
    """Cores that this process may run on (not all that the machine has)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quantise(source: Path, target: Path) -> None:
    """Write `source` with its matrix products in 8-bit integers, scales found at run time.

    Needs the `onnx` package. Folding comes first: only products with constant weights are changed,
    and weights behind a cast are none.
    """
    import onnxruntime as ort

    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingPartError(
            f"8-bit networks need the onnx package ({error}); pip install 'whenabouts[torch]'"
        ) from error
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        folded = Path(place) / "folded.onnx"
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        options.log_severity_level = 3
        ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        with _quiet_root():
            quantize_dynamic(
                folded,
                target,
                op_types_to_quantize=["MatMul", "Gemm"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                reduce_range=True,  # Sums of full 8 bits overflow on processors without VNNI.
            )


@contextmanager
def _quiet_root() -> Generator[None]:
    """The quantiser gives advice through the root logger, which would print it."""
    root, mute = logging.getLogger(), logging.NullHandler()
    root.addHandler(mute)
    root.addFilter(_never)
    try:
        yield
    finally:
        root.removeFilter(_never)
        root.removeHandler(mute)


def _never(_: logging.LogRecord) -> bool:
    return False


def _providers(device: Device) -> list[str]:
    """Execution providers for a device, best first."""
    import onnxruntime as ort

    cuda = "CUDAExecutionProvider" in ort.get_available_providers()
    if device == "cuda" and not cuda:
        raise InputError(
            "this onnxruntime has no CUDA; install onnxruntime-gpu, or use the device cpu"
        )
    names = ["CPUExecutionProvider"]
    return ["CUDAExecutionProvider", *names] if cuda and device != "cpu" else names
