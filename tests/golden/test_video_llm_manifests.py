"""Full-size published key lists against full-size networks that take no memory."""

import gzip
import json
from pathlib import Path

import pytest
import torch
from published_video_llm import TABLE, plain, timechat_sizes

from whenabouts.models.video_llm import PUBLISHED_PARTS, VideoLlm
from whenabouts.weights.convert_video_llm import published_settings
from whenabouts.weights.published.video_llm_stack import (
    assemble,
    blip_file,
    eva_file,
    llama_file,
    model_file,
)


def manifest(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes()))


def rows_of(found: dict) -> list:
    return found.get("keys") or found["rows"]


def empty(rows) -> dict[str, torch.Tensor]:
    """Tensors of the listed names and shapes, without values."""
    return {
        row[0]: torch.empty(row[1], dtype=getattr(torch, row[2].split(".")[-1]), device="meta")
        for row in rows
    }


def build(name: str) -> VideoLlm:
    with torch.device("meta"):
        return VideoLlm(published_settings(name).sizes)


def buffers(names) -> set[str]:
    return {name for name in names if name.endswith(("position_ids", "inv_freq"))}


def check_both_ways(model: VideoLlm, listed: dict[str, torch.Tensor]) -> None:
    """Each listed weight is one of ours of the same shape, and each of ours is listed."""
    ours = TABLE.to_ours(plain(listed))
    wanted = model.state_dict()
    assert ours.keys() == wanted.keys()
    assert all(ours[name].shape == wanted[name].shape for name in wanted)
    back = TABLE.to_theirs(wanted)
    assert back.keys() == plain(listed).keys() - buffers(listed)


@pytest.fixture(scope="module")
def timechat():
    return build("timechat")


@pytest.fixture
def timechat_folder(golden_folder):
    folder = golden_folder / "timechat" / "manifests"
    if not folder.is_dir():
        pytest.skip(f"no manifests at {folder}")
    return folder


def test_timechat_sizes_are_the_published_ones(timechat_folder, timechat):
    summary = json.loads((timechat_folder / "summary.json").read_text(encoding="utf-8"))
    assert timechat_sizes(summary["config"]) == timechat.sizes
    count = sum(weight.numel() for weight in timechat.parameters())
    assert count == summary["counts"]["timechat_full_model"]["parameters"]
    timechat.set_trained(PUBLISHED_PARTS)
    trained = sum(weight.numel() for weight in timechat.parameters() if weight.requires_grad)
    assert trained == summary["trainable_parameters"]
    lora = sum(weight.numel() for weight in timechat.parts()["lora"])
    assert lora == summary["lora_parameters"]


def test_timechat_both_ways(timechat_folder, timechat):
    rows = rows_of(manifest(timechat_folder / "timechat_full_model.json.gz"))
    check_both_ways(timechat, empty(rows))
    timechat.set_trained(PUBLISHED_PARTS)
    mine = {name for name, weight in timechat.named_parameters() if weight.requires_grad}
    marked = {row[0]: torch.tensor(float(row[4])) for row in rows}
    theirs = {name for name, trained in TABLE.to_ours(plain(marked)).items() if trained}
    assert mine == theirs


@pytest.mark.parametrize("last", ["timechat_7b.pth", "VL_LLaMA_2_7B_Finetuned.pth"])
def test_timechat_stack_accounts_for_every_key(timechat_folder, timechat, last):
    names = ("eva_vit_g.pth", "instruct_blip_vicuna7b_trimmed.pth", "llama-2-7b-chat-hf", last)
    vit, blip, llama, own = (
        empty(rows_of(manifest(timechat_folder / f"{name}.json.gz"))) for name in names
    )
    sizes = timechat.sizes
    files = [
        eva_file(names[0], vit, sizes),
        blip_file(names[1], blip),
        llama_file(names[2], llama, sizes),
        model_file(last, own, sizes),
    ]
    start = torch.Generator().manual_seed(0) if last.startswith("VL") else None
    whole = assemble(timechat, files, start)
    wanted = timechat.state_dict()
    assert whole.tensors.keys() == wanted.keys()
    assert all(whole.tensors[name].shape == wanted[name].shape for name in wanted)
    if start is None:
        rows = rows_of(manifest(timechat_folder / "timechat_full_model.json.gz"))
        for row in rows:
            if buffers([row[0]]):
                continue
            (ours,) = TABLE.to_ours(plain(empty([row])))
            assert row[3].startswith(whole.origin[ours]), row


def test_vtgllm_both_ways(golden_folder):
    folder = golden_folder / "vtgllm" / "manifests"
    if not folder.is_dir():
        pytest.skip(f"no manifests at {folder}")
    found = manifest(folder / "vtgllm_checkpoint.json.gz")
    model = build("vtgllm")
    rows = [
        [row["key"], row["shape"], row["dtype"], row.get("trained")] if type(row) is dict else row
        for row in rows_of(found)
    ]
    listed = empty(rows)
    check_both_ways(model, listed)
    whole = assemble(model, [model_file("vtgllm", listed, model.sizes)])
    assert set(whole.origin.values()) == {"vtgllm"}
    model.set_trained((*PUBLISHED_PARTS, "vocabulary"))
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert trained == found["totals"]["trained_parameters"]


@pytest.fixture
def ivcr_manifest(golden_folder):
    path = golden_folder / "ivcr" / "manifests" / "ivcr_7b.json.gz"
    if not path.is_file():
        pytest.skip(f"no manifest at {path}")
    return manifest(path)


def of_ivcr(found: dict, keep) -> dict[str, torch.Tensor]:
    rows = [row for row in found["rows"] if keep(row)]
    return empty([[row["key"], row["shape"], row["dtype"]] for row in rows])


def unread(names) -> set[str]:
    """A head in the published files that nothing reads."""
    return {name for name in names if name.startswith("Qformer.cls.")}


def test_ivcr_both_ways(ivcr_manifest):
    model = build("ivcr")
    listed = of_ivcr(ivcr_manifest, lambda row: True)
    ours = TABLE.to_ours(plain(listed))
    wanted = model.state_dict()
    assert ours.keys() == wanted.keys()
    assert all(ours[name].shape == wanted[name].shape for name in wanted)
    back = TABLE.to_theirs(wanted)
    named = plain(listed).keys()
    assert back.keys() == named - buffers(named) - unread(named)
    rows = {row["key"]: row for row in ivcr_manifest["rows"]}
    head = {name for name in unread(listed) if rows[name]["parameter"]}
    count = sum(weight.numel() for weight in model.parameters())
    head_count = sum(listed[name].numel() for name in head)
    assert count + head_count == ivcr_manifest["total_parameters"]
    model.set_trained(PUBLISHED_PARTS)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    total = sum(weight.numel() for weight in trained.values())
    assert total + head_count == ivcr_manifest["trained_parameters"]
    learnt = of_ivcr(ivcr_manifest, lambda row: row["trained"])
    assert TABLE.to_ours(plain(learnt)).keys() == trained.keys()


def test_ivcr_checkpoint_lacks_what_other_files_have(ivcr_manifest):
    """All but what is frozen; the rest of a whole model comes from the files that it began with."""
    model = build("ivcr")
    sizes = model.sizes
    saved = of_ivcr(ivcr_manifest, lambda row: row["in_ivcr_checkpoint"])
    rest = of_ivcr(ivcr_manifest, lambda row: not row["in_ivcr_checkpoint"])
    files = [model_file("frozen", rest, sizes), model_file("ivcr", saved, sizes)]
    whole = assemble(model, files)
    named = {row["key"]: row["in_ivcr_checkpoint"] for row in ivcr_manifest["rows"]}
    for name, own in named.items():
        if not buffers([name]) and not unread([name]):
            (ours,) = TABLE.to_ours(plain({name: torch.empty(0)}))
            assert whole.origin[ours] == ("ivcr" if own else "frozen"), name
