"""Whole retrieval models from published state dicts: features, scores, archives, key lists."""

import gzip
import json

import pytest
import torch

from whenabouts.errors import WeightsError
from whenabouts.models.clip import Clip
from whenabouts.models.interaction import Tokens
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.weights.archive import read_archive
from whenabouts.weights.published.drl import DRL
from whenabouts.weights.published.openai_clip import OPENAI, TRANSFORMERS
from whenabouts.weights.rename import load_strictly


def shapes_of(tensors) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in tensors.items()}


def load_retrieval(weights: dict[str, torch.Tensor]) -> RetrievalModel:
    tensors = DRL.to_ours(weights)
    model = RetrievalModel(RetrievalSizes.infer(shapes_of(tensors)))
    load_strictly(model, tensors, "the case")
    return model.eval()


def empty(manifest) -> dict[str, torch.Tensor]:
    """The listed tensors, without memory."""
    keys = manifest["keys"].items()
    return {key: torch.empty(value["shape"], device="meta") for key, value in keys}


def load_meta(tensors: dict[str, torch.Tensor]) -> RetrievalModel:
    """A network without memory whose tensors are exactly these."""
    model = RetrievalModel(RetrievalSizes.infer(shapes_of(tensors)))
    assert shapes_of(model.state_dict()) == shapes_of(tensors)
    return model


@pytest.mark.golden("tvr/full_model")
@torch.no_grad()
def test_full_model(case):
    io = case.tensors()
    model = load_retrieval(case.tensors("weights"))
    text = model.text(io["input_ids"], io["text_mask"])
    video = model.video(io["video"], io["video_mask"])
    case.close(text.vectors, io["text_feat"], "text features")
    filled = io["video_mask"].bool()
    case.close(video.vectors[filled], io["video_feat"][filled], "features of filled frames")
    scores = model.score(text, video).mean
    case.close(scores, io["logits"], "scores")
    case.close(scores * model.clip.logit_scale.exp(), io["logits_scaled"], "scaled scores")


@pytest.mark.golden("tvr/hbi_compat")
@torch.no_grad()
def test_wider_weight_networks(case):
    io = case.tensors()
    model = load_retrieval(case.tensors("weights"))
    assert model.sizes.weight_hidden == case.facts["config"]["weight_mlp_hidden"]
    text = model.text(io["input_ids"], io["text_mask"])
    valid = io["text_mask"].bool()
    case.close(text.vectors[valid], io["text_feat"][valid], "text features")
    frames = io["video_feat"]
    video = Tokens(frames, io["video_mask"], model.video_weight_fc(frames).squeeze(-1))
    case.close(model.score(text, video).mean, io["logits"], "scores")


@pytest.mark.golden("tvr/clip_jit_archive")
@torch.no_grad()
def test_archive_without_running_it(case):
    facts, io = case.facts, case.tensors()
    stored = read_archive(case.folder / facts["file"])
    assert {key: str(value.dtype).removeprefix("torch.") for key, value in stored.items()} == (
        facts["dtypes"]
    )
    assert len(stored) == facts["n_keys"]
    tensors = OPENAI.to_ours(stored)
    clip = Clip(ClipSizes.infer(shapes_of(tensors)))
    load_strictly(clip, tensors, facts["file"])
    config, sizes = facts["config"], clip.sizes
    assert (sizes.embed_width, sizes.vision_layers, sizes.text_layers, sizes.image_px) == (
        config["embed_dim"],
        config["vision_layers"],
        config["text_layers"],
        config["image_resolution"],
    )
    compared = 0
    for name, given, run in (
        ("image_hidden", "image", clip.image_tokens),
        ("image_pooled", "image", clip.image),
        ("image_features", "image", clip.image),
        ("text_hidden", "input_ids", clip.text_tokens),
        ("text_pooled", "input_ids", clip.text),
        ("text_features", "input_ids", clip.text),
    ):
        if name in io:
            case.close(run(io[given]), io[name], name)
            compared += 1
    assert compared


def test_released_clip_key_lists(golden_folder):
    """Sizes inferred from the released shapes rebuild exactly the released tensors."""
    files = sorted((golden_folder / "tvr" / "manifests").glob("openai_ViT-*.json"))
    assert files
    for file in files:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        released = shapes_of(OPENAI.to_ours(empty(manifest)))
        sizes = ClipSizes.infer(released)
        with torch.device("meta"):
            clip = Clip(sizes)
        assert shapes_of(clip.state_dict()) == released, file.name
        assert sum(value.numel() for value in clip.parameters()) == manifest["parameters"]
        config = manifest["config"]
        assert sizes.text_heads == config["text_heads"]
        assert sizes.image_px == config["image_resolution"]


def test_released_retrieval_key_lists(golden_folder):
    files = sorted((golden_folder / "tvr" / "manifests").glob("backbone_tvr_*.json.gz"))
    assert files
    for file in files:
        manifest = json.loads(gzip.decompress(file.read_bytes()))
        with torch.device("meta"):
            model = load_meta(DRL.to_ours(empty(manifest)))
        assert sum(value.numel() for value in model.parameters()) == manifest["parameters"]


REFUSED = {"mlp+None", "meanP+3d"}
"""A head whose published scoring does not exist, and a stem that reads three frames at once."""


@pytest.mark.parametrize("family", ["drl_variants", "clip4clip_variants"])
def test_key_lists_of_the_relatives(golden_folder, family):
    """Every head and frame mixer finds its place, or the file is refused."""
    manifests = golden_folder / "tvr" / "manifests"
    towers = json.loads((manifests / "openai_ViT-B-32.json").read_text(encoding="utf-8"))
    kept = {f"clip.{name}": value for name, value in empty(towers).items()}
    variants = json.loads((manifests / f"{family}.json").read_text(encoding="utf-8"))["keys"]
    for name, shapes in variants.items():
        stored = kept | {key: torch.empty(at, device="meta") for key, at in shapes.items()}
        if name in REFUSED:
            with pytest.raises(WeightsError, match="have no place"):
                DRL.to_ours(stored)
            continue
        tensors = DRL.to_ours(stored)
        sizes = RetrievalSizes.infer(shapes_of(tensors))
        with torch.device("meta"):
            mine = shapes_of(RetrievalModel(sizes).state_dict())
        # Published models with an LSTM over the frames carry a position table that nothing reads.
        unread = {"temporal.frame_position_embeddings.weight"} if "seqLSTM" in name else set()
        theirs = {key: at for key, at in shapes_of(tensors).items() if key not in unread}
        assert mine == theirs, name


def test_transformers_table(golden_folder):
    """Our table is the published one, line by line."""
    file = golden_folder / "tvr" / "manifests" / "openai_to_transformers.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    lines = {(ours, theirs, change) for ours, theirs, change in published["mapping"]}
    mine = set()
    for rule in TRANSFORMERS.rules:
        for row, theirs in enumerate(rule.theirs):
            change = f"rows {row}*W:{row + 1}*W" if rule.change == "stack" else rule.change
            mine.add((rule.ours.replace("{}", "L"), theirs.replace("{}", "L"), change))
    assert mine == lines
