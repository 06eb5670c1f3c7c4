"""Full-size key lists of SeViLA's files against a full-size network that takes no memory."""

import gzip
import json

import pytest
import torch

from whenabouts.models.sevila import Sevila
from whenabouts.weights.convert_sevila import published_settings
from whenabouts.weights.published.sevila_names import (
    blip2_table,
    eva_table,
    localizer_table,
    t5_table,
    whole_table,
)

HEAD_PARTS = {"Qformer", "ln_vision", "query_tokens", "t5_proj"}


@pytest.fixture
def listed(golden_folder):
    folder = golden_folder / "sevila" / "manifests"
    if not folder.is_dir():
        pytest.skip(f"no manifests at {folder}")

    def read(name: str) -> dict[str, torch.Tensor]:
        keys = json.loads(gzip.decompress((folder / f"{name}.json.gz").read_bytes()))["keys"]
        return {
            key: torch.empty(one["shape"], device="meta", dtype=torch.float32)
            for key, one in keys.items()
        }

    return read


@pytest.fixture(scope="module")
def wanted() -> dict[str, torch.Tensor]:
    with torch.device("meta"):
        return Sevila(published_settings().sizes).state_dict()


def fits(ours, wanted, heads) -> None:
    """Exactly the weights of some parts of the network, each of its shape."""
    mine = {name for name in wanted if name.startswith(heads)}
    assert ours.keys() == mine
    assert all(ours[name].shape == wanted[name].shape for name in mine)


def back(table, ours, listed, dropped=()) -> None:
    """Their names again, all of them but buffers and copies."""
    kept = {name for name in listed if not name.endswith("position_ids")} - set(dropped)
    assert table.to_theirs(ours).keys() == kept


def test_picture_tower(listed, wanted):
    keys, table = listed("eva_vit_g"), eva_table(published_settings().sizes)
    ours = table.to_ours(keys)
    fits(ours, wanted, "vision.")
    back(table, ours, keys)


def test_language_model(listed, wanted):
    keys, table = listed("flan_t5_xl"), t5_table()
    ours = table.to_ours(keys)
    fits(ours, wanted, "language.")
    tied = [name for name in keys if name.endswith("embed_tokens.weight")]
    back(table, ours, keys, tied)


def test_blip2(listed, wanted):
    keys, table = listed("blip2_pretrained_flant5xl"), blip2_table()
    ours = table.to_ours(keys)
    fits(ours, wanted, "answerer.")
    back(table, ours, keys)


def test_localizer(listed, wanted):
    keys, table = listed("qformer_loc"), localizer_table()
    ours = table.to_ours(keys)
    fits(ours, wanted, "localizer.")
    back(table, ours, keys)


def test_sevila(listed, wanted):
    keys, table = listed("sevila_pretrained"), whole_table()
    ours = table.to_ours(keys)
    fits(ours, wanted, ("answerer.", "localizer."))
    back(table, ours, keys)


def test_what_each_way_to_train_saves_is_known(listed, golden_folder, wanted):
    """Checkpoints hold whole heads, or buffers of frozen ones, and copies of T5's words."""
    path = golden_folder / "sevila" / "manifests" / "saved_by_task_mode.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    keys = listed("sevila_pretrained")
    tied = ["t5_model.encoder.embed_tokens.weight", "t5_model.decoder.embed_tokens.weight"]
    for said in saved.values():
        tops = said["saved_top_level"]
        assert {top.removesuffix("_loc") for top in tops} <= HEAD_PARTS | {"t5_model"}
        kept = dict.fromkeys(tied, torch.empty(0))
        for top, count in tops.items():
            names = [name for name in keys if name.split(".")[0] == top]
            if count == 1 and len(names) > 1:
                names = [name for name in names if name.endswith("position_ids")]
            if top != "t5_model":
                assert len(names) == count, top
            kept |= {name: keys[name] for name in names}
        ours = whole_table().to_ours(kept)
        assert ours.keys() <= wanted.keys()


def test_sizes_are_those_of_the_published_model(wanted):
    def count(*heads):
        return sum(value.numel() for name, value in wanted.items() if name.startswith(heads))

    assert count("vision.") == 985_894_528
    counters = 512  # the published count has BERT's table of positions in it
    inside = count("answerer.qformer.layers.", "answerer.qformer.norm.")
    assert inside + counters == 105_138_176
