"""Frame positions of both published pipelines."""

import pytest

from whenabouts.models.positions import second_positions, stride_positions

pytestmark = pytest.mark.golden("tvr/frame_sampling")

CUTS = {"0": "head", "1": "tail", "2": "uniform"}


def wanted(row) -> dict:
    return {
        "rate_hz": row["framerate"],
        "limit": row["max_frames"],
        "start_s": row["start"],
        "end_s": row["end"],
    }


def test_stride(case):
    for row in case.facts["rows"]:
        mine = stride_positions(row["fps"], row["n_frames"], **wanted(row))
        theirs = row["drl"]
        if "error" in theirs:
            # The published code fails on a stride of 0 here; ours takes every frame, then thins.
            assert len(mine) <= row["max_frames"]
            assert mine == sorted(set(mine))
            assert set(mine) <= set(range(row["n_frames"]))
            if row["start"] is None:
                assert len(mine) == min(row["n_frames"], row["max_frames"])
            continue
        assert mine == theirs["positions"], row["fps"]
        assert sum(theirs["mask"]) == len(mine)


def test_seconds(case):
    for row in case.facts["rows"]:
        for key, theirs in row.get("clip4clip", {}).items():
            if "error" in theirs:
                continue
            found, kept = second_positions(
                row["fps"], row["n_frames"], cut=CUTS[key], **wanted(row)
            )
            assert found == theirs["all_positions"], row["fps"]
            assert kept == theirs["positions"], row["fps"]
