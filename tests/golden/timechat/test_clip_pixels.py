"""Pixels of a real file, and what becomes of them on the way into the network."""

import numpy as np
import pytest
import torch

from whenabouts.data.instruct.video_clip import FrameSettings, load_clip
from whenabouts.models.clip_crop import Box, as_bytes, crop_clip, resized_crop
from whenabouts.models.frame_times import video_sentence
from whenabouts.models.pixels import PixelSettings, prepare
from whenabouts.models.torch_pixels import normalised


@pytest.mark.golden("timechat/video_loading*")
def test_frames_of_a_file(case):
    facts = case.facts["config"]
    settings = FrameSettings(frames=facts["n_frms"], size_px=facts["size"])
    for clock in ("shown", "rate"):
        clip = load_clip(case.folder / "clip.mp4", settings.model_copy(update={"clock": clock}))
        assert video_sentence(clip.times) == case.facts["message"]
    theirs = case.tensors()["frames"].numpy().transpose(1, 2, 3, 0)
    assert clip.pixels.shape == theirs.shape
    apart = np.abs(clip.pixels.astype(float) - theirs).mean()
    assert apart <= case.facts["tolerance"]["mean_absolute_difference"]


@pytest.fixture
def settings(case) -> PixelSettings:
    facts = case.facts["config"]
    return PixelSettings(size_px=facts["size"], fit="squash", mean=facts["mean"], std=facts["std"])


@pytest.mark.golden("timechat/preprocess*")
def test_pixels_to_answer_with(case, settings):
    io, atol = case.tensors(), case.facts["tolerance"]["atol"]
    frames = io["clip"].to(torch.uint8).permute(1, 2, 3, 0)
    for mine in (torch.from_numpy(prepare(frames.numpy(), settings)), normalised(frames, settings)):
        torch.testing.assert_close(mine.transpose(0, 1), io["eval"], atol=atol, rtol=0)
    still = torch.from_numpy(prepare(io["image"].numpy()[None], settings)[0])
    torch.testing.assert_close(still, io["image_eval"], atol=atol, rtol=0)


@pytest.mark.golden("timechat/preprocess*")
def test_pixels_to_train_with(case, settings):
    io, atol = case.tensors(), case.facts["tolerance"]["atol"]
    box = Box(**case.facts["config"]["crop"])
    raw = resized_crop(io["clip"].transpose(0, 1), box, settings.size_px)
    # Grey levels are 255 times what the network reads.
    torch.testing.assert_close(raw.transpose(0, 1), io["train_crop_raw"], atol=255 * atol, rtol=0)
    assert as_bytes(raw).float().sub(raw.clamp(0, 255)).abs().max() < 1
    frames = io["clip"].to(torch.uint8).permute(1, 2, 3, 0).numpy()
    mine = prepare(crop_clip(frames, box, settings.size_px), settings)
    torch.testing.assert_close(
        torch.from_numpy(mine).transpose(0, 1), io["train_crop_normalised"], atol=atol, rtol=0
    )
