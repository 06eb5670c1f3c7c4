"""Where the published cases are, and how one is read."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

_DEFAULT = Path(__file__).parents[3] / "shared" / "golden"


@dataclass(frozen=True)
class Case:
    """One case folder: its facts, and its tensors."""

    folder: Path
    facts: dict[str, Any]

    def tensors(self, name: str = "io") -> dict[str, torch.Tensor]:
        return load_file(self.folder / f"{name}.safetensors")

    def close(self, mine: torch.Tensor, theirs: torch.Tensor, what: str) -> None:
        """Equal within the tolerance that the case states."""
        tolerance = self.facts["tolerance"]
        assert mine.shape == theirs.shape, f"{what}: {tuple(mine.shape)} for {tuple(theirs.shape)}"
        np.testing.assert_allclose(
            mine.detach().double().numpy(),
            theirs.double().numpy(),
            atol=tolerance["atol"],
            rtol=tolerance["rtol"],
            err_msg=what,
        )


def golden_root() -> Path:
    return Path(os.environ.get("WHENABOUTS_GOLDEN", _DEFAULT))


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    """The folder of all cases, for what is no case of its own."""
    if not golden_root().is_dir():
        pytest.skip(f"no published cases at {golden_root()}")
    return golden_root()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Fill `case` with every folder that the test's `golden` marker matches."""
    if "case" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("golden")
    assert marker is not None, "a golden test says @pytest.mark.golden('group/pattern')"
    pattern = marker.args[0]
    folders = sorted(path.parent for path in golden_root().glob(f"{pattern}/case.json"))
    if folders:
        metafunc.parametrize(
            "case", folders, ids=[folder.name for folder in folders], indirect=True
        )
        return
    reason = pytest.mark.skip(reason=f"no case {pattern} under {golden_root()}")
    metafunc.parametrize("case", [pytest.param(None, marks=reason, id=pattern)], indirect=True)


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    folder: Path = request.param
    return Case(folder, json.loads((folder / "case.json").read_text(encoding="utf-8")))
