"""Each operation of the published augmentation policy, pixel by pixel."""

import numpy as np
import pytest
from PIL import Image

from whenabouts.train.rand_augment import OPS, Change, RandAugmentSettings, apply, augment, level

pytestmark = pytest.mark.golden("tvr/rand_augment_ops*")


def change_of(row) -> Change:
    return Change(row["op"], row["magnitude"], row["negated"])


def test_every_operation(case):
    io, rows = case.tensors(), case.facts["ops"]
    assert {row["op"] for row in rows} == set(OPS)
    source = Image.fromarray(io["frame0"].numpy())
    for row in rows:
        mine = np.asarray(apply(source, change_of(row))).astype(int)
        apart = np.abs(mine - io[row["key"]].numpy().astype(int)).max()
        assert apart <= case.facts["tolerance"]["uint8"], row["key"]


def test_every_magnitude(case):
    for row in case.facts["ops"]:
        mine = level(change_of(row))
        assert ([] if mine is None else [mine]) == pytest.approx(row["args"]), row["key"]


def test_frames_of_a_clip_share_their_changes(case):
    io = case.tensors()
    frames = np.stack([io["frame0"].numpy(), io["frame1"].numpy()])
    changes = [Change("Rotate", 7.0), Change("Invert", 7.0)]
    out = augment(frames, changes)
    for before, after in zip(frames, out, strict=True):
        turned = apply(apply(Image.fromarray(before), changes[0]), changes[1])
        assert np.array_equal(np.asarray(turned), after)


def test_the_published_policy_is_the_default(case):
    config, mine = case.facts["config"], RandAugmentSettings()
    assert mine.operations == config["n_ops_per_clip"]
    assert (mine.chance, mine.magnitude, mine.spread) == (
        config["prob_each"],
        config["magnitude_mean"],
        config["magnitude_std"],
    )
