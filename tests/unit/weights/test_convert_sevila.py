"""Published files of SeViLA to our folder and back into a network."""

import pytest
import tiny_sevila as tiny
import torch
from safetensors.torch import save_file

from whenabouts.errors import WeightsError
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.convert_sevila import find_files, read_sevila, save_published
from whenabouts.weights.published.sevila_names import whole_table
from whenabouts.weights.sevila_folder import (
    fingerprint,
    is_sevila,
    open_sevila,
    read_sevila_settings,
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def same(one, other) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_files_become_a_folder_that_is_the_model(files, tmp_path):
    model = tiny.write_files(files)
    read = read_sevila(find_files(files), tiny.settings(), store_as="as-read")
    save_published(read, tmp_path / "ours")
    opened = open_sevila(tmp_path / "ours")
    assert same(model.state_dict(), opened.model.state_dict())
    assert opened.settings.sizes == tiny.settings().sizes
    assert opened.tokens.yes_id == tiny.tokens().yes_id
    assert read.origin["localizer"] == ("sevila_pretrained",)
    assert read.origin["vision"] == ("eva_vit_g",)
    assert read.origin["language"] == ("flan-t5-xl",)


def test_precisions_are_those_of_use(files, tmp_path):
    tiny.write_files(files)
    read = read_sevila(find_files(files), tiny.settings())
    assert read.tensors["language.head.weight"].dtype == torch.bfloat16
    assert read.tensors["vision.blocks.0.attn.qkv.weight"].dtype == torch.float16
    assert read.tensors["localizer.project.weight"].dtype == torch.float32
    save_published(read, tmp_path / "ours")
    opened = open_sevila(tmp_path / "ours")
    with torch.no_grad():
        memory = opened.model.look(torch.zeros(1, 3, 28, 28))
        tokens = opened.model.localizer(memory)[:, None]
        names = opened.tokens.named(["Frame: "])
        text, _ = opened.tokens.rows(["Question: who?"], 77)
        stored = opened.model.language.first(opened.model.read(tokens, names, text))
    assert bool(stored.isfinite().all())


def test_the_localizer_can_begin_as_blip2(files):
    tiny.write_files(files)
    read = read_sevila(find_files(files), tiny.settings(), fresh_localizer=True)
    assert read.origin["localizer"] == ("blip2_pretrained_flant5xl",)
    assert read.origin["answerer"] == ("sevila_pretrained",)
    localizer = read.tensors["localizer.qformer.queries"]
    # What the builder of these files adds to BLIP-2's weights.
    answerer = read.tensors["answerer.qformer.queries"]
    assert torch.allclose(localizer, answerer + 1)
    assert any("left out" in note for note in read.notes)


def test_a_localizer_file_without_norm_and_projection(files):
    model = tiny.write_files(files)
    (files / "sevila_pretrained.pth").unlink()
    theirs = whole_table().to_theirs(model.state_dict())
    own = {n: v for n, v in theirs.items() if n.startswith(("Qformer_loc", "query_tokens_loc"))}
    save_file(own, files / "qformer_loc.safetensors")
    read = read_sevila(find_files(files), tiny.settings(), store_as="as-read")
    assert set(read.origin["localizer"]) == {"blip2_pretrained_flant5xl", "qformer_loc"}
    assert torch.equal(read.tensors["localizer.qformer.queries"], model.localizer.qformer.queries)


def test_embeddings_that_slipped_into_a_checkpoint_are_dropped(files):
    model = tiny.write_files(files)
    path = files / "sevila_pretrained.pth"
    # A copy: what was read stays in the file, which is about to be written.
    saved = {"model": {name: value.clone() for name, value in read_network(path).items()}}
    saved["model"]["t5_model.encoder.embed_tokens.weight"] = torch.zeros(3, 3)
    saved["model"]["Qformer.bert.embeddings.position_ids"] = torch.zeros(1, 8)
    torch.save({**saved, "epoch": 3}, path)
    read = read_sevila(find_files(files), tiny.settings(), store_as="as-read")
    assert torch.equal(read.tensors["language.words.weight"], model.language.words.weight)
    saved["model"]["Qformer.bert.pooler.dense.weight"] = torch.zeros(1)
    torch.save(saved, path)
    with pytest.raises(WeightsError, match="pooler"):
        read_sevila(find_files(files), tiny.settings())


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("eva_vit_g.safetensors", "eva_vit_g.pth"),
        ("flan-t5-xl/tokenizer.json", "Flan-T5"),
        ("blip2_pretrained_flant5xl.pth", None),
    ],
)
def test_a_missing_file_is_named(files, gone, told):
    tiny.write_files(files)
    (files / gone).unlink()
    if told is None:
        assert read_sevila(find_files(files), tiny.settings()).origin["answerer"]
        return
    with pytest.raises(WeightsError, match=told):
        read_sevila(find_files(files), tiny.settings())


def test_other_folders_are_no_sevila(tmp_path):
    tiny.write_folder(tmp_path / "ours")
    assert is_sevila(tmp_path / "ours")
    assert not is_sevila(tmp_path)
    with pytest.raises(WeightsError, match="no SeViLA"):
        read_sevila_settings(tmp_path)


def test_the_fingerprint_follows_weights(tmp_path):
    tiny.write_folder(tmp_path / "ours", seed=1)
    first = fingerprint(tmp_path / "ours")
    tiny.write_folder(tmp_path / "ours", seed=2)
    assert fingerprint(tmp_path / "ours") != first
