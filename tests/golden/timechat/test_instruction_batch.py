"""Samples become the very ids, labels, masks and timestamps of the published collation."""

import numpy as np
import pytest
import torch
from published_video_llm import timechat_sizes

from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import VideoClip
from whenabouts.models.frame_times import frame_sentences, times_in
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.splice import pad_right
from whenabouts.models.video_llm import FrameTexts
from whenabouts.train.instruction_collate import Collate

pytestmark = pytest.mark.golden("timechat/full_forward*")
_STAMP_LIMIT = 32


@pytest.fixture
def collate(case) -> Collate:
    facts = case.facts["config"]
    tokens = LlamaTokens.read(case.folder / "toy.model", legacy=facts["tokenizer_legacy"])

    def stamps(times):
        rows = [tokens.encode(text)[:_STAMP_LIMIT] for text in frame_sentences(times)]
        return FrameTexts(pad_right(rows, 0), pad_right([[1] * len(row) for row in rows], 0))

    sizes = timechat_sizes(facts)
    pixels = PixelSettings(size_px=sizes.vit.image_px, fit="squash")
    return Collate(sizes, pixels, tokens, stamps, facts["max_txt_len_dataset"])


def test_batches_are_the_published_ones(case, collate):
    io = case.tensors()
    turns = {one["video"]: one["QA"] for one in case.facts["annotations"]}
    for run in case.facts["runs"]:
        samples = []
        for video in run["videos"]:
            times = times_in(case.facts["video_messages"][video])
            side = collate.pixels.size_px
            pixels = np.zeros((len(times), side, side, 3), np.uint8)
            clip = VideoClip(pixels, times, np.array([float(time) for time in times]))
            told = tuple((turn["q"], turn["a"]) for turn in turns[video])
            samples.append(InstructionSample(clip, told, video=video))
        made, tag = collate(samples), run["tag"]
        assert torch.equal(made.ids, io[f"{tag}.input_ids"])
        assert torch.equal(made.labels, io[f"{tag}.labels"])
        assert torch.equal(made.mask, io[f"{tag}.attention_mask"])
        assert len(made.looks) == (1 if run["path"] == "stacked" else len(samples))
        for index, look in enumerate(made.looks):
            name = f"{tag}.timestamps" if run["path"] == "stacked" else f"{tag}.timestamps.{index}"
            assert torch.equal(look.texts.ids, io[f"{name}.input_ids"])
            key = f"{tag}.images" if run["path"] == "stacked" else f"{tag}.images.{index}"
            theirs = io[key].transpose(-4, -3)
            assert look.pixels.shape[-4:] == theirs.shape[-4:]
            assert look.seconds is None
