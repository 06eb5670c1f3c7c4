"""What an answer of a SeViLA costs, beside the procedure of the published code.

    python benchmarks/ask.py                     # a random model of the tiny one's sizes
    python benchmarks/ask.py --size medium       # published proportions, about a fifth as wide
    python benchmarks/ask.py --size xl --device cuda --precision bfloat16

`published` lets transformers' T5 write 30 words with each head and reads one of them: the first of
the localizer, the second of the answerer. Trained heads end their texts ("yes", "Option A") after 2
and 4 words, which is `ended`. Each with the picture tower run once for each head, and once for
both. `ours` takes the steps that are read. `file` is what a person waits for: a drawn video of a
minute is opened, decoded and asked about; `second` is another question about the same video.
Seconds are processor time on one thread (on an accelerator: of the clock), medians over rounds in
which all take turns.
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

import torch
from measure import machine, table
from torch import Tensor

from whenabouts.library.key_frame_watcher import KeyFrameWatcher
from whenabouts.library.watchers import open_video
from whenabouts.models.sevila import Sevila, best_frames
from whenabouts.models.sevila_prompts import FRAME, answer_prompt, frame_names, locate_prompt
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.models.sevila_sizes import SevilaSizes, T5Sizes
from whenabouts.models.t5 import END_ID, PAD_ID, START_ID, Ids
from whenabouts.models.video_llm_sizes import QFormerSizes, VitSizes
from whenabouts.shapeworld.make import make
from whenabouts.systems.sevila import Asked, FrameAnswerer
from whenabouts.train.t5_tokenizer import train_t5_tokens
from whenabouts.weights.convert_sevila import published_settings
from whenabouts.weights.sevila_folder import OpenSevila, build_empty

QUESTIONS = ("what colour is the circle that moves left?", "what is behind the two stars?")
OPTIONS = ("red", "blue", "green", "yellow", "violet")
RESULTS = Path(__file__).with_name("results") / "ask.json"
WORDS, LOCATED, CHOSEN = 30, 2, 4
"""Words of a head: at most, of a localizer that ends, of an answerer that ends."""


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
        procedures = _procedures(answerer, video, asked.frames, asked.key_frames)
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
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**machine(), **vars(asked), "seconds": took}, indent=1))


def _now(device: str) -> float:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


def _procedures(
    answerer: FrameAnswerer, video: Path, frames: int, key_frames: int
) -> dict[str, Callable[[], object]]:
    pixels = torch.randn(frames, 3, *[answerer.settings.pixels.size_px] * 2)
    times_s = [float(second) for second in range(frames)]
    asked = [Asked(question, OPTIONS, key_frames) for question in QUESTIONS]
    seen = answerer.see(pixels, times_s)
    writer = _writer(answerer.model)
    opened = open_video(video)
    watcher = KeyFrameWatcher(answerer, None, frames)

    def published(located: int, chosen: int, *, passes: int) -> Callable[[], object]:
        words = (located, chosen)
        return lambda: _published(answerer, writer, pixels, asked[0], words, passes)

    def first() -> object:
        new = KeyFrameWatcher(answerer, None, frames)
        return new.ask(opened, QUESTIONS[0], OPTIONS, key_frames)

    watcher.ask(opened, QUESTIONS[0], OPTIONS, key_frames)
    return {
        "published, tower twice": published(WORDS, WORDS, passes=2),
        "published, tower once": published(WORDS, WORDS, passes=1),
        "ended, tower twice": published(LOCATED, CHOSEN, passes=2),
        "ended, tower once": published(LOCATED, CHOSEN, passes=1),
        "ours": lambda: answerer.ask(answerer.see(pixels, times_s), asked[0]),
        "ours, second": lambda: answerer.ask(seen, asked[1]),
        "file, first": first,
        "file, second": lambda: watcher.ask(opened, QUESTIONS[1], OPTIONS, key_frames),
    }


@torch.inference_mode()
def _published(
    answerer: FrameAnswerer,
    writer: Any,
    pixels: Tensor,
    asked: Asked,
    words: tuple[int, int],
    passes: int,
) -> int:
    """Both heads write on; of each one word is read."""
    model, tokens, device = answerer.model, answerer.tokens, answerer.device
    longest = answerer.settings.text_tokens
    pixels = pixels.to(device)
    memory = model.look(pixels)
    text, _ = tokens.rows([locate_prompt(asked.text, asked.options)], longest)
    shown = model.localizer(memory)[:, None]
    names = tokens.named([FRAME]).to(device)
    text = text.repeated(len(pixels)).to(device)
    scores = _written(model, writer, shown, names, text, words[0])
    assert asked.key_frames is not None
    best = best_frames(scores[0][None, :, tokens.yes_id], asked.key_frames)[0]
    if passes > 1:
        memory = model.look(pixels)
    keys = model.answerer(memory[best])[None]
    text, _ = tokens.rows([answer_prompt(asked.text, asked.options)], longest)
    names = tokens.named(frame_names(len(best))).to(device)
    scores = _written(model, writer, keys, names, text.to(device), words[1])
    return int(scores[1][0, tokens.letter_ids(len(asked.options))].argmax())


def _written(
    model: Sevila, writer: Any, shown: Tensor, names: Ids, text: Ids, words: int
) -> tuple[Tensor, ...]:
    """Scores [N,V] of each of so many words, as transformers writes them."""
    embedded, mask = model.prompt(shown, names, text)
    found = writer.generate(
        inputs_embeds=embedded,
        attention_mask=mask,
        do_sample=False,
        max_new_tokens=words,
        min_new_tokens=words,
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
    theirs = {n: v for n, v in state.items() if n.startswith(("encoder.", "decoder."))}
    theirs["shared.weight"] = state["words.weight"]
    theirs["lm_head.weight"] = state["head.weight"]
    for side in ("encoder", "decoder"):
        theirs[f"{side}.embed_tokens.weight"] = state["words.weight"]
    writer.load_state_dict(theirs)
    return writer.to(model.answerer.project.weight).eval()


def _answerer(size: str, device: str, precision: str) -> FrameAnswerer:
    """A random model whose texts do not end by themselves."""
    texts = [answer_prompt(q, OPTIONS) for q in QUESTIONS]
    texts += [locate_prompt(q, OPTIONS) for q in QUESTIONS]
    # So many that the prompts are about as long, some 50, as T5's own tokenizer makes them.
    tokens = train_t5_tokens([*texts, "Frame: Frame 1: 2 3 4"], 420)
    settings = published_settings()
    settings = settings.model_copy(update={"sizes": _sizes(settings, size, tokens.vocab_tokens)})
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


def _sizes(published: SevilaSettings, size: str, words: int) -> SevilaSizes:
    """Those of `recipes/tiny-sevila-start.toml`; a fifth of the published width; the published."""
    if size == "xl":
        return published.sizes
    if size == "medium":
        return SevilaSizes(
            vit=VitSizes(
                image_px=224, patch_px=14, width=288, layers=12, heads=4, feed_width=1152
            ),
            qformer=QFormerSizes(
                queries=32, width=192, layers=4, heads=4, feed_width=768, memory_width=288
            ),
            language=T5Sizes(
                width=384, feed_width=1024, layers=8, decoder_layers=8, heads=6, head_width=64,
                vocab_tokens=32128,
            ),
        )  # fmt: skip
    return SevilaSizes(
        vit=VitSizes(image_px=112, patch_px=14, width=256, layers=4, heads=4, feed_width=1024),
        qformer=QFormerSizes(
            queries=6, width=128, layers=2, heads=4, feed_width=512, memory_width=256, cross_every=1
        ),
        language=T5Sizes(
            width=160, feed_width=384, layers=3, decoder_layers=2, heads=5, head_width=32,
            vocab_tokens=words,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
