"""How new video LLMs begin: in their encoder's space; slots and seconds that mean something."""

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.catalog import part
from whenabouts.errors import SettingsError
from whenabouts.models.torch_pixels import normalised
from whenabouts.shapeworld.render import render
from whenabouts.shapeworld.scene import draw_script
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.train.instruction_start import make_new
from whenabouts.weights.video_llm_folder import save_video_llm

RECIPE = """
objective = "instruction"
name = "aligned"
seed = 1
[data.drawn]
videos = 4
[fresh]
vision = "tiny-clip"
aligned = true
frame_spread = 0.5
[guided]
layer = 0
[model]
name = "aligned"
timestamps = "none"
pixels = { size_px = 112, fit = "squash", mean = [0.48, 0.46, 0.41], std = [0.27, 0.26, 0.28] }
[model.sizes]
frame_positions = 4
compression = "none"
vit = { image_px = 112, patch_px = 14, width = 256, layers = 4, heads = 4, feed_width = 1024, \
pre_norm = true, activation = "quick_gelu" }
frame_qformer = { queries = 1, width = 192, layers = 2, heads = 4, feed_width = 64, \
memory_width = 256, cross_every = 1, words = 0, dropout = 0.0 }
language = { width = 192, feed_width = 64, layers = 1, heads = 6, vocab_tokens = 340 }
[loop]
steps = 1
learning_rate = 1e-3
"""


def begun(tmp_path, *changes: str):
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    return make_new(InstructionRecipe.read(path, changes), tiny.tokenizer("timechat"))


def test_a_frame_is_read_as_the_encoder_reads_it(tmp_path):
    opened = begun(tmp_path)
    scripts = [draw_script(9000 + seed) for seed in range(12)]
    pixels = np.concatenate([render(s, [s.duration_s * t], 112, 112) for s in scripts
                             for t in (0.2, 0.5, 0.8)])  # fmt: skip
    theirs = torch.from_numpy(part("encoder", "tiny-clip")().encode_frames(pixels).vectors)
    with torch.no_grad():
        memory = opened.model.eye(normalised(torch.from_numpy(pixels), opened.settings.pixels))
        ours = opened.model.project(opened.model.frame_qformer(memory)[:, 0])
    alike = torch.cosine_similarity(ours - ours.mean(0), theirs - theirs.mean(0), dim=1)
    assert float(alike.mean()) > 0.95
    assert 0.2 < float(ours.std()) < 0.8


def test_windows_pass_on_what_their_frames_show(tmp_path):
    sizes = "model.sizes.{}"
    more = ("compression=window", "video_tokens=2", "window_frames=2", "stride_frames=2")
    model = begun(tmp_path, *map(sizes.format, more)).model
    frames = torch.randn(12, 4, 1, 192, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        tokens, _ = model.compress(frames)
    means = frames.unflatten(1, (2, 2)).mean(dim=(2, 3)).repeat_interleave(2, dim=1)
    alike = torch.cosine_similarity(tokens - tokens.mean(0), means - means.mean(0), dim=-1)
    assert float(alike.mean()) > 0.9


def test_words_look_for_pictures_of_what_they_say_and_are_answered_by_them(tmp_path):
    opened = begun(tmp_path)
    model, tokens = opened.model, opened.tokens
    said = {i: tokens.decode([i]).strip() for i in range(tokens.vocab_tokens)}
    rows = {i: t for i, t in said.items() if t.isalpha() and t.isascii() and len(t) > 1}
    assert len(rows) > 10
    scripts = [draw_script(9000 + seed) for seed in range(30)]
    pixels = np.concatenate([render(s, [s.duration_s / 2], 112, 112) for s in scripts])
    encoder = part("encoder", "tiny-clip")()
    found = [encoder.encode_text(text) for text in rows.values()]
    texts = torch.tensor(np.stack([e.weights @ e.vectors for e in found]))
    pictures = torch.from_numpy(encoder.encode_frames(pixels).vectors)
    theirs = (texts - texts.mean(0)) @ (pictures - pictures.mean(0)).T
    words = model.language.get_input_embeddings().weight[list(rows)]
    answers = model.language.lm_head.weight[list(rows)]
    attention = model.language.model.layers[0].self_attn
    asked, looked, passed = (
        layer.weight[32:64] for layer in (attention.q_proj, attention.k_proj, attention.v_proj)
    )
    with torch.no_grad():
        memory = model.eye(normalised(torch.from_numpy(pixels), opened.settings.pixels))
        seen = model.project(model.frame_qformer(memory)[:, 0])
        scores = (words @ asked.T) @ (seen @ looked.T).T
        answered = answers @ attention.o_proj.weight[:, 32:64] @ passed @ seen.T
        for ours in (scores, answered):
            alike = [float(torch.corrcoef(torch.stack(pair))[0, 1])
                     for pair in zip(ours, theirs, strict=True)]  # fmt: skip
            assert np.mean(alike) > 0.7
        for what, others in {
            "words do not look at words": looked @ words.T,
            "words do not answer themselves": answers @ words.T,
            "times do not look like pictures": looked @ model.time.frames.T,
        }.items():
            assert float(others.abs().max()) < 1e-4, what


def test_three_heads_at_least(tmp_path):
    with pytest.raises(SettingsError, match="at least 3 heads; there are 2"):
        begun(tmp_path, "model.sizes.language.heads=2")


def test_widths_must_agree(tmp_path):
    with pytest.raises(SettingsError, match="192, the width of tiny-clip; they are 192 and 96"):
        begun(tmp_path, "model.sizes.language.width=96")
    with pytest.raises(SettingsError, match="give vision"):
        begun(tmp_path, "fresh.vision=''")


def test_slots_follow_the_frames_that_are_taken(tmp_path):
    same = ["fresh.aligned=false", "model.sizes.compression=slots"]
    same += ["fresh.frame_spread=0.5", "fresh.slots=frames"]
    before = begun(tmp_path, *same, "model.sizes.video_tokens=4")
    place = tmp_path / "before"
    save_video_llm(place, before.settings, before.model.state_dict(), before.tokens, None)
    more = ["seed=3", "model.sizes.video_tokens=2", f"fresh.parts_of={place}"]
    model = begun(tmp_path, *same, *more).model
    frames = before.model.time.frames.detach()
    assert torch.equal(model.time.frames, frames)
    shares = torch.stack([part.mean(dim=0) for part in frames[:4].chunk(2)])
    slots = model.compress.slots.detach().T
    torch.testing.assert_close(slots, shares / shares.std(dim=1, keepdim=True))


def test_seconds_begin_as_their_digits(tmp_path):
    more = ["fresh.aligned=false", "model.sizes.second_positions=256", "fresh.second_spread=0.5"]
    rows = begun(tmp_path, *more, "fresh.second_rows=digits").model.time.seconds.detach()
    torch.testing.assert_close(rows[37] - rows[31], rows[97] - rows[91])
    torch.testing.assert_close(rows[237] - rows[207], rows[131] - rows[101])
    assert 0.4 < float(rows.std()) < 0.6
