"""What comparisons with other libraries need."""

import importlib
import importlib.util
from pathlib import Path

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def torchvision_of_another_torch():
    """Lets torchvision import where it was built for another torch (CUDA beside a CPU torch).

    Its compiled operators are then missing. Nothing here runs them, but importing it wants two of
    them declared.
    """
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        pytest.skip("torchvision, which open_clip needs, is not installed")
    try:
        torch.ops.load_library(Path(spec.origin).with_name("_C.so"))
    except OSError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        importlib.import_module("torchvision")
        yield
        return
    yield
