"""Moment-DETR against the published code: forward pass, matching, losses, gradients, windows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from whenabouts.data.moments.saliency import hard_pair
from whenabouts.models.moment_detr import Found, MomentDetr, sine_places
from whenabouts.models.moment_features import unit_rows, with_places
from whenabouts.models.moment_sizes import MomentSizes
from whenabouts.models.moment_windows import WindowSettings, nms, ranked, tidied
from whenabouts.train.moment_loss import (
    MomentBatch,
    MomentLossSettings,
    generalised_iou,
    losses,
    match,
    missed,
    pair_iou,
    weight_of,
)
from whenabouts.weights.published_moment_detr import from_published, published_sizes

pytestmark = pytest.mark.golden("moment_detr/*")

_OURS = {
    "loss_span": "span",
    "loss_giou": "giou",
    "loss_label": "label",
    "loss_saliency": "saliency",
    "loss_contrastive_align": "align",
}


def _model(case: Any) -> MomentDetr:
    """The case's network, under our names."""
    sizes = published_sizes(case.facts["config"], case.tensors("weights"))
    model = MomentDetr(sizes)
    model.load_state_dict(from_published(case.tensors("weights")))
    return model.eval()


def _settings(config: dict[str, Any]) -> MomentLossSettings:
    return MomentLossSettings(
        span=config["span_loss_coef"],
        giou=config["giou_loss_coef"],
        label=config["label_loss_coef"],
        saliency=config["lw_saliency"],
        align=config["contrastive_align_loss_coef"],
        none_weight=config["eos_coef"],
        match_span=config["set_cost_span"],
        match_giou=config["set_cost_giou"],
        match_label=config["set_cost_class"],
        margin=config["saliency_margin"],
        temperature=config["temperature"],
        all_layers=config["aux_loss"],
    )


def _batch(case: Any) -> MomentBatch:
    io = case.tensors()
    count = len(io["src_vid"])
    return MomentBatch(
        io["src_vid"],
        io["src_vid_mask"],
        io["src_txt"],
        io["src_txt_mask"],
        tuple(io[f"target_spans_{row}"] for row in range(count)),
        io["saliency_pos_labels"],
        io["saliency_neg_labels"],
        torch.ones(count),
    )


def _run(model: MomentDetr, batch: MomentBatch) -> Found:
    return model(batch.video, batch.video_mask, batch.text, batch.text_mask)


def test_forward(case: Any) -> None:
    io, model = case.tensors(), _model(case)
    with torch.no_grad():
        found = _run(model, _batch(case))
    case.close(found.logits[-1], io["pred_logits"], "logits")
    case.close(found.spans[-1], io["pred_spans"], "spans")
    for layer in range(len(found.logits) - 1):
        case.close(found.logits[layer], io[f"aux{layer}_pred_logits"], f"logits {layer}")
        case.close(found.spans[layer], io[f"aux{layer}_pred_spans"], f"spans {layer}")
    valid = io["src_vid_mask"] > 0
    case.close(found.saliency[valid], io["saliency_scores"][valid], "saliency")
    places = sine_places(io["src_vid_mask"], model.sizes.width)
    case.close(places[valid], io["pos_embed_vid"][valid], "places")
    for name, mine in (("queries", found.queries), ("txt_mem", found.words)):
        if f"proj_{name}" in io:
            assert mine is not None
            case.close(mine if name == "txt_mem" else mine[-1], io[f"proj_{name}"], name)
    if "proj_vid_mem" in io:
        assert found.steps is not None
        case.close(found.steps[valid], io["proj_vid_mem"][valid], "steps")


def test_features(case: Any) -> None:
    """Unit rows with the two columns of each step's place, from raw features."""
    io = case.tensors()
    for row, length in enumerate(case.facts["video_lengths"]):
        mine = with_places(unit_rows(io[f"raw_video_feature_{row}"].numpy()))
        case.close(torch.from_numpy(mine), io["src_vid"][row, :length], f"video {row}")


def test_matching_losses_and_gradients(case: Any) -> None:
    model, batch = _model(case), _batch(case)
    settings = _settings(case.facts["config"])
    found = _run(model, batch)
    pairs = match(found, -1, batch.windows, settings)
    assert [[told, true] for told, true in pairs] == case.facts["matched"]
    parts = losses(found, batch, settings)
    last = len(found.logits) - 1
    for name, wanted in case.facts["losses"].items():
        head, _, tail = name.rpartition("_")
        theirs, layer = (head, tail) if tail.isdigit() else (name, "")
        if theirs == "class_error":
            at = int(layer) if layer else last
            mine = missed(found, at, match(found, at, batch.windows, settings))
            assert mine == pytest.approx(wanted, abs=1e-3), name
            continue
        key = _OURS[theirs] + (f".{layer}" if layer else "")
        case.close(parts[key], torch.tensor(wanted), name)
        assert weight_of(key, settings) == case.facts["weights"][name]
    known = {n for n in case.facts["losses"] if not n.startswith("class_error")}
    assert len(parts) == len(known)
    total = torch.stack([weight_of(key, settings) * value for key, value in parts.items()]).sum()
    case.close(total, torch.tensor(case.facts["loss_total"]), "total")
    total.backward()
    gradients = {
        name: parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
        for name, parameter in model.named_parameters()
    }
    io = case.tensors()
    theirs_by_name = {n.removeprefix("grad/"): io[n] for n in io if n.startswith("grad/")}
    ours = from_published(theirs_by_name)
    assert ours
    for name, wanted in ours.items():
        case.close(gradients[name], wanted, f"gradient of {name}")


def test_windows(case: Any) -> None:
    config_step = case.facts["clip_seconds"]
    with torch.no_grad():
        found = _run(_model(case), _batch(case))
    shares = found.logits[-1].softmax(-1)[..., case.facts["foreground_class_index"]]
    for row, length in enumerate(case.facts["video_lengths"]):
        windows = ranked(found.spans[-1][row].numpy(), shares[row].numpy(), length * config_step)
        np.testing.assert_allclose(windows, case.facts["ranked_windows"][row], atol=2e-4)
        settings = WindowSettings(round_s=config_step)
        rounded = tidied(windows, 150.0, settings)
        np.testing.assert_allclose(rounded, case.facts["rounded_windows"][row], atol=2e-4)


@pytest.fixture(scope="module")
def units(golden_folder: Path) -> dict[str, Any]:
    path = golden_folder / "moment_detr" / "units.json"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return json.loads(path.read_text(encoding="utf-8"))


class TestUnits:
    def test_nms(self, units: dict[str, Any]) -> None:
        for one in units["nms"]:
            mine = nms(np.array(one["pred"]), one["thd"], one["max_after"])
            assert mine.tolist() == one["out"]

    def test_iou(self, units: dict[str, Any]) -> None:
        for one in units["giou"]:
            a, b = torch.tensor(one["a"]), torch.tensor(one["b"])
            torch.testing.assert_close(pair_iou(a, b)[0], torch.tensor(one["iou"]))
            mine = generalised_iou(a, b)
            torch.testing.assert_close(mine, torch.tensor(one["giou"]), atol=2e-5, rtol=1e-4)

    def test_tidied_windows(self, units: dict[str, Any]) -> None:
        for one in units["postprocess"]:
            assert one["min_ts"] == 0
            settings = WindowSettings(
                round_s=one["clip_length"],
                shortest_s=one["min_w_l"],
                longest_s=one["max_w_l"],
                keep=one["method"],
            )
            mine = tidied(np.array(one["windows"]), one["max_ts"], settings)
            np.testing.assert_allclose(mine, one["out"], atol=1e-9)

    def test_hard_pairs(self, units: dict[str, Any]) -> None:
        for one in units["saliency_hard"]:
            totals = [sum(scores) for scores in one["scores"]]
            assert hard_pair(one["rel_clip_ids"], totals) == (one["pos"][0], one["neg"][0])


class TestManifests:
    def test_every_key_is_read(self, golden_folder: Path) -> None:
        folder = golden_folder / "moment_detr" / "manifests"
        files = sorted(folder.glob("*.json"))
        if not files:
            pytest.skip(f"no manifests in {folder}")
        for path in files:
            told = json.loads(path.read_text(encoding="utf-8"))
            tensors = {
                name: torch.empty(one["shape"], device="meta") for name, one in told["keys"].items()
            }
            ours = from_published(tensors)
            sizes = MomentSizes.infer({name: tuple(v.shape) for name, v in ours.items()})
            with torch.device("meta"):
                model = MomentDetr(sizes)
            wanted = {name: tuple(v.shape) for name, v in model.state_dict().items()}
            assert wanted == {name: tuple(value.shape) for name, value in ours.items()}, path.name
            count = sum(parameter.numel() for parameter in model.parameters())
            assert count == told["parameters"], path.name
