"""What is refused when a published checkpoint is read, and why; what its small files mean."""

import json

import pytest
import torch
from safetensors.torch import save_file

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.weights import convert as converting
from whenabouts.weights.convert import convert, read
from whenabouts.weights.published.clip_checkpoint import is_open_clip
from whenabouts.weights.source import read_pixels


def write(folder, name, facts):
    (folder / name).write_text(json.dumps(facts))


PICTURE = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}


CUT = {"do_center_crop": True, "crop_size": {"height": 32, "width": 32}}


@pytest.mark.parametrize(
    ("facts", "fit", "resample"),
    [
        (CUT | {"size": {"shortest_edge": 32}}, "crop", "bicubic"),
        (CUT | {"size": 32, "crop_size": 32, "resample": 3}, "crop", "bicubic"),
        ({"size": {"height": 32, "width": 32}, "do_center_crop": None}, "squash", "bicubic"),
        ({"size": {"height": 32, "width": 32}, "resample": 2}, "squash", "bilinear"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_how_pictures_are_prepared(tmp_path, facts, fit, resample, nested):
    if nested:
        write(tmp_path, "processor_config.json", {"image_processor": facts | PICTURE})
    else:
        write(tmp_path, "preprocessor_config.json", facts | PICTURE)
    settings = read_pixels(tmp_path, 32)
    assert (settings.fit, settings.resample, settings.size_px) == (fit, resample, 32)
    assert settings.mean == (0.5, 0.5, 0.5)


def test_pictures_that_do_not_fit_the_network(tmp_path):
    with pytest.raises(WeightsError, match="its input is unknown"):
        read_pixels(tmp_path, 32)
    write(tmp_path, "preprocessor_config.json", {"size": {"height": 24, "width": 32}} | PICTURE)
    with pytest.raises(WeightsError, match=r"\[24, 32\] px, but its network takes 32"):
        read_pixels(tmp_path, 32)


def test_things_that_are_no_checkpoint(tmp_path):
    with pytest.raises(WeightsError, match="does not exist"):
        convert(tmp_path / "nothing", tmp_path / "ours")
    with pytest.raises(WeightsError, match="no checkpoint that can be read"):
        convert(tmp_path, tmp_path / "ours")
    (tmp_path / "config.json").write_text("{ not json")
    with pytest.raises(WeightsError, match=r"cannot read .*config\.json"):
        read(tmp_path)
    assert not (tmp_path / "ours").exists()


def test_siglip_of_free_resolution(tmp_path):
    write(tmp_path, "config.json", {"model_type": "siglip2", "vision_config": {}})
    with pytest.raises(WeightsError, match="NaFlex"):
        read(tmp_path)


def test_texts_filled_up_on_the_left(tmp_path, small_encoder):
    write(tmp_path, "config.json", {"model_type": "siglip", "vision_config": {}})
    (tmp_path / "tokenizer.json").write_bytes((small_encoder / "tokenizer.json").read_bytes())
    write(tmp_path, "tokenizer_config.json", {"padding_side": "left"})
    with pytest.raises(WeightsError, match="on the left"):
        read(tmp_path)


def test_open_clip_towers_of_another_kind(tmp_path):
    vision = {"image_size": 32, "timm_model_name": "vit", "width": 8, "layers": 1, "patch_size": 8}
    shape = {"vision_cfg": vision, "text_cfg": {"width": 8, "pool_type": "last"}}
    write(tmp_path, "open_clip_config.json", {"model_cfg": shape})
    assert not is_open_clip(tmp_path), "without its weights it is another library's folder"
    save_file({"a": torch.zeros(1)}, tmp_path / "open_clip_model.safetensors")
    with pytest.raises(WeightsError, match=r"\['pool_type', 'timm_model_name'\]"):
        read(tmp_path)


def test_clip_with_another_activation(tmp_path):
    tower = {"hidden_act": "relu"}
    write(
        tmp_path,
        "config.json",
        {"model_type": "clip", "vision_config": tower, "text_config": tower},
    )
    with pytest.raises(WeightsError, match="relu"):
        read(tmp_path)


def test_resnet_file(tmp_path):
    save_file({"visual.attnpool.k_proj.weight": torch.zeros(1)}, tmp_path / "RN50.safetensors")
    with pytest.raises(WeightsError, match=r"no place: visual\.attnpool"):
        read(tmp_path / "RN50.safetensors")


def test_without_torch_the_hint_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(converting, "find_spec", lambda name: None)
    write(tmp_path, "config.json", {"model_type": "clip"})
    with pytest.raises(MissingPartError, match=r"pip install 'whenabouts\[torch\]'") as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)
