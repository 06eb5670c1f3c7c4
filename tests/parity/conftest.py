"""What comparisons with other libraries need."""

import importlib.util

import pytest

from whenabouts.models.llama import mend_torchvision


@pytest.fixture(autouse=True, scope="module")
def torchvision_of_another_torch():
    """Lets torchvision import where it was built for another torch (CUDA beside a CPU torch)."""
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision, which open_clip needs, is not installed")
    mend_torchvision()
