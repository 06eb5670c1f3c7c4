"""Which frames SeViLA looks at."""

import json
from random import Random

import pytest

from whenabouts.models.positions import even_positions, part_positions


@pytest.fixture
def cases(golden_folder):
    path = golden_folder / "sevila" / "data" / "frame_sampling.json"
    if not path.is_file():
        pytest.skip(f"no cases at {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def stretch(case) -> tuple[int, int] | None:
    return case["clip"] and tuple(int(second * case["fps"]) for second in case["clip"])


def test_frames(cases):
    for case in cases:
        count, limit = case["vlen"], case["n_frms"]
        middle = part_positions(count, limit, None, stretch(case))
        drawn = part_positions(
            count,
            limit,
            Random(case.get("random_seed", 0)),
            stretch(case),
        )
        if "uniform_error" in case:
            # The published code fails for clips outside the video; one frame is shown here.
            assert set(middle) == set(drawn) == {0}, case
            continue
        assert middle == case["uniform"], case
        assert drawn == case["random"], case
        if case["clip"] is None:
            assert even_positions(count, limit, "middle") == middle
            assert even_positions(count, limit, "part", Random(case["random_seed"])) == drawn
