"""What an answer of a SeViLA costs, beside the procedure of the published code.

    python benchmarks/ask.py                     # tiny-sevila, which ships
    python benchmarks/ask.py --size medium       # random; published proportions, a fifth as wide
    python benchmarks/ask.py --size xl --device cuda --precision bfloat16

`published` is what the code of the paper does for each question: all frames through the picture
tower once and together, the localizer's head on all of them, the answerer's on those that were
chosen, plain attention everywhere, and transformers' T5 writes words until all its texts have
ended, of which one is read: the first of the localizer, the second of the answerer. Trained heads
end ("yes", "Option A") after 2 and 3 words; a random model is made to. `published, 30 words` is
the same where no text ends, as of heads that were not trained to: there it stops at 30.

`ours` takes the steps that are read. `file` is what a person waits for: a drawn video of a minute
is opened, decoded and asked about; `second` is another question about the same video. Seconds are
processor time on one thread (on an accelerator: of the clock), medians over rounds in which all
take turns. In float32 it is an error if the two do not read the same frames and choose alike.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import torch
from measure import machine, table
from torch import Tensor

from whenabouts.data.instruct.video_clip import FrameSettings, load_clip
from whenabouts.library.key_frame_watcher import KeyFrameWatcher
from whenabouts.library.watchers import open_video
from whenabouts.models import eva_vit, qformer
from whenabouts.models.pixels import prepare
from whenabouts.models.sevila import Sevila, best_frames
from whenabouts.models.sevila_prompts import FRAME, answer_prompt, frame_names, locate_prompt
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.models.sevila_sizes import SevilaSizes, T5Sizes
from whenabouts.models.t5 import END_ID, PAD_ID, START_ID, Ids
from whenabouts.models.video_llm_sizes import QFormerSizes, VitSizes
from whenabouts.shapeworld.make import make
from whenabouts.systems.sevila import Asked, FrameAnswerer, open_answerer
from whenabouts.train.t5_tokenizer import train_t5_tokens
from whenabouts.weights.convert_sevila import published_settings
from whenabouts.weights.hub import shipped_folder
from whenabouts.weights.parts import Precision
from whenabouts.weights.sevila_folder import OpenSevila, build_empty

QUESTIONS = ("what colour is the circle that moves left?", "what is behind the two stars?")
OPTIONS = ("red", "blue", "green", "yellow", "violet")
RESULTS = Path(__file__).with_name("results")
MOST, ENDED = 30, (2, 3)
"""Words of each head: at most; of a localizer and of an answerer that end."""


def main() -> None:
    """Time all procedures in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=["tiny", "medium", "xl"], default="tiny")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--key-frames", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    answerer = _answerer(asked.size, asked.device, asked.precision)
    with tempfile.TemporaryDirectory() as folder:
        (video,) = make(Path(folder) / "drawn", "library", videos=1, duration_s=(60.0, 60.0))
        procedures = _procedures(
            answerer, video, asked.frames, asked.key_frames, ends=asked.size == "tiny"
        )
        took: dict[str, list[float]] = {name: [] for name in procedures}
        for _ in range(asked.rounds + 1):
            for name, run in procedures.items():
                began = _now(asked.device)
                run()
                took[name].append(_now(asked.device) - began)
    found = {name: median(times[1:]) for name, times in took.items()}  # the first one warms up
    ours = found["ours"]
    rows = [["", "seconds", "/ ours"]]
    rows += [[name, f"{took_s:.3f}", f"{took_s / ours:.2f}"] for name, took_s in found.items()]
    print(table(rows))
    file = found["file, first"] / found["file, second"]
    print(f"a second question about a file is {file:.1f} x faster than the first")
    tiny = asked.size == "tiny" and asked.precision == "float32"
    name = "ask" if tiny else f"ask_{asked.size}_{asked.precision}"
    RESULTS.mkdir(exist_ok=True)
    told = {**machine(), **vars(asked), "seconds": took}
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1))


def _now(device: str) -> float:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


def _procedures(
    answerer: FrameAnswerer, video: Path, frames: int, key_frames: int, *, ends: bool
) -> dict[str, Callable[[], object]]:
    settings = answerer.settings
    clip = load_clip(
        video, FrameSettings(frames=frames, size_px=settings.pixels.size_px, way="middle")
    )
    pixels = torch.from_numpy(prepare(clip.pixels, settings.pixels))
    times_s = clip.times_s.tolist()
    options = OPTIONS[: settings.options]
    asked = [Asked(question, options, key_frames) for question in QUESTIONS]
    seen = answerer.see(pixels, times_s)
    writer = _writer(answerer.model)
    opened = open_video(video)
    watcher = KeyFrameWatcher(answerer, None, frames)

    def published(words: tuple[int, int] | None) -> tuple[tuple[int, ...], int]:
        return _published(answerer, writer, pixels, asked[0], words)

    def first() -> object:
        new = KeyFrameWatcher(answerer, None, frames)
        return new.ask(opened, QUESTIONS[0], options, key_frames)

    ours = answerer.ask(seen, asked[0])
    theirs = published(None if ends else ENDED)
    exact = answerer.model.answerer.project.weight.dtype == torch.float32
    if exact and theirs != (ours.frames, ours.option):
        raise SystemExit(f"published: {theirs}, ours: {ours.frames}, {ours.option}")
    watcher.ask(opened, QUESTIONS[0], options, key_frames)
    return {
        "published": lambda: published(None if ends else ENDED),
        "published, 30 words": lambda: published((MOST, MOST)),
        "ours": lambda: answerer.ask(answerer.see(pixels, times_s), asked[0]),
        "ours, second": lambda: answerer.ask(seen, asked[1]),
        "file, first": first,
        "file, second": lambda: watcher.ask(opened, QUESTIONS[1], options, key_frames),
    }


@torch.inference_mode()
def _published(
    answerer: FrameAnswerer,
    writer: Any,
    pixels: Tensor,
    asked: Asked,
    words: tuple[int, int] | None,
) -> tuple[tuple[int, ...], int]:
    """Both heads write so many words, or until they end: the frames, the option."""
    model, tokens, device = answerer.model, answerer.tokens, answerer.device
    longest = answerer.settings.text_tokens
    located, chosen = words or (None, None)
    with patch.object(eva_vit, "attend", _plain), patch.object(qformer, "attend", _plain):
        memory = model.look(pixels.to(device))
        shown = model.localizer(memory)[:, None]
        text, _ = tokens.rows([locate_prompt(asked.text, asked.options)], longest)
        names = tokens.named([FRAME]).to(device)
        text = text.repeated(len(pixels)).to(device)
        scores = _written(model, writer, shown, names, text, located)
        assert asked.key_frames is not None
        best = best_frames(scores[0][None, :, tokens.yes_id], asked.key_frames)[0]
        keys = model.answerer.norm(memory)[best]
        keys = model.answerer.project(model.answerer.qformer(keys))[None]
    text, _ = tokens.rows([answer_prompt(asked.text, asked.options)], longest)
    names = tokens.named(frame_names(len(best))).to(device)
    scores = _written(model, writer, keys, names, text.to(device), chosen)
    option = int(scores[1][0, tokens.letter_ids(len(asked.options))].argmax())
    return tuple(best.tolist()), option


def _plain(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, dropout: float = 0.0
) -> Tensor:
    """Attention in products, as the published tower and Q-Former have it."""
    assert bias is None
    assert not dropout
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    return scores.softmax(dim=-1) @ value


def _written(
    model: Sevila, writer: Any, shown: Tensor, names: Ids, text: Ids, words: int | None
) -> tuple[Tensor, ...]:
    """Scores [N,V] of each of so many words, as transformers writes them; None: until the end."""
    embedded, mask = model.prompt(shown, names, text)
    found = writer.generate(
        inputs_embeds=embedded,
        attention_mask=mask,
        do_sample=False,
        max_new_tokens=words or MOST,
        min_new_tokens=words or 1,
        output_hidden_states=True,
        output_scores=True,
        return_dict_in_generate=True,
    )
    return found.scores


def _writer(model: Sevila) -> Any:
    """The language model with the weights of ours, as transformers has it."""
    from transformers import T5Config, T5ForConditionalGeneration

    sizes, state = model.sizes.language, model.language.state_dict()
    config = T5Config(
        vocab_size=len(state["words.weight"]),
        d_model=sizes.width,
        d_kv=sizes.head_width,
        d_ff=sizes.feed_width,
        num_layers=sizes.layers,
        num_decoder_layers=sizes.decoder_layers,
        num_heads=sizes.heads,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        pad_token_id=PAD_ID,
        eos_token_id=END_ID,
        decoder_start_token_id=START_ID,
    )
    config.dense_act_fn = "gelu"
    writer = T5ForConditionalGeneration(config)
    # transformers 5 ties the head to the words whatever the config says.
    writer.lm_head = torch.nn.Linear(sizes.width, len(state["words.weight"]), bias=False)
    theirs = {n: v for n, v in state.items() if n.startswith(("encoder.", "decoder."))}
    theirs["shared.weight"] = state["words.weight"]
    theirs["lm_head.weight"] = state["head.weight"]
    for side in ("encoder", "decoder"):
        theirs[f"{side}.embed_tokens.weight"] = state["words.weight"]
    writer.load_state_dict(theirs)
    writer.set_attn_implementation("eager")
    return writer.to(model.answerer.project.weight).eval()


def _answerer(size: str, device: str, precision: Precision) -> FrameAnswerer:
    """What ships, or a random model whose texts do not end by themselves."""
    if size == "tiny":
        folder = shipped_folder("tiny-sevila")
        assert folder is not None
        return open_answerer(folder, precision, device)
    texts = [answer_prompt(q, OPTIONS) for q in QUESTIONS]
    texts += [locate_prompt(q, OPTIONS) for q in QUESTIONS]
    # So many that the prompts are about as long, some 50, as T5's own tokenizer makes them.
    tokens = train_t5_tokens([*texts, "Frame: Frame 1: 2 3 4"], 420)
    settings = published_settings()
    settings = settings.model_copy(update={"sizes": _sizes(settings, size)})
    side = settings.sizes.vit.image_px
    settings = settings.model_copy(
        update={"pixels": settings.pixels.model_copy(update={"size_px": side})}
    )
    model = build_empty(settings).to(getattr(torch, precision)).to_empty(device=device).eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0) if "norm" in name and weight.ndim == 1 else weight.normal_(std=0.02)
    return FrameAnswerer(OpenSevila(model, settings, tokens))


def _sizes(published: SevilaSettings, size: str) -> SevilaSizes:
    """A fifth of the published width, or the published."""
    if size == "xl":
        return published.sizes
    return SevilaSizes(
        vit=VitSizes(image_px=224, patch_px=14, width=288, layers=12, heads=4, feed_width=1152),
        qformer=QFormerSizes(
            queries=32, width=192, layers=4, heads=4, feed_width=768, memory_width=288
        ),
        language=T5Sizes(
            width=384, feed_width=1024, layers=8, decoder_layers=8, heads=6, head_width=64,
            vocab_tokens=32128,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
