"""The picture tower of tiny-clip inside a video LLM gives the very tokens that it gives in CLIP."""

import torch

from whenabouts.models.clip import Norm
from whenabouts.models.eva_vit import EvaVit
from whenabouts.weights.clip_vision import read_vision
from whenabouts.weights.folder import load_model
from whenabouts.weights.hub import TINY_FOLDER


def test_the_tower_of_an_encoder_sees_the_same():
    tower = load_model(TINY_FOLDER).clip.visual
    sizes, tensors = read_vision(TINY_FOLDER)
    vit, norm = EvaVit(sizes), Norm(sizes.width, eps=1e-5)
    vision = {k.removeprefix("vision."): v for k, v in tensors.items() if k.startswith("vision.")}
    vit.load_state_dict(vision)
    norm.load_state_dict({k: tensors[f"vision_norm.{k}"] for k in ("weight", "bias")})
    pixels = torch.randn(3, 3, sizes.image_px, sizes.image_px, generator=torch.Generator())
    with torch.no_grad():
        mine, told = norm(vit(pixels)) @ tower.proj, tower(pixels)
    torch.testing.assert_close(mine, told, atol=2e-4, rtol=1e-3)
