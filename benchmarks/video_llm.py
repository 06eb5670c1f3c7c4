"""What a question to a video LLM costs: looking, reading the prompt, writing, and memory.

    python benchmarks/video_llm.py                      # a medium random model on this processor
    python benchmarks/video_llm.py --size 7b --device cuda --precision bfloat16

`plain` is the usual loop: for each question the video is looked at, the whole prompt is read, and
transformers' `generate` writes. `ours` keeps visual tokens and what of the prompt was read. Both
run the same network with the same weights; each job runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import Clock, Figures, alternate, machine, run_job, table

QUESTIONS = (
    "When does the person open the door?",
    "Describe each event with its start and end.",
    "What happens after the dog has left the room?",
)
RESULTS = Path(__file__).with_name("results") / "video_llm.json"


def main() -> None:
    """Run both in turn and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=["small", "medium", "7b"], default="medium")
    parser.add_argument("--system", choices=["timechat", "vtgllm"], default="timechat")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=2)
    asked = vars(parser.parse_args())
    rounds = asked.pop("rounds")
    jobs = {
        name: lambda name=name: run_job(Path(__file__), name, asked) for name in ("plain", "ours")
    }
    found = alternate(jobs, rounds)
    print(table(_rows(found)))
    RESULTS.parent.mkdir(exist_ok=True)
    kept = {name: [vars(one) for one in runs] for name, runs in found.items()}
    RESULTS.write_text(json.dumps({**machine(), **asked, "runs": kept}, indent=1))


def _rows(found: dict[str, list[Figures]]) -> list[list[str]]:
    def middle(name: str, key: str) -> float:
        return median(one.answer[key] for one in found[name])

    head = ["", "first question s (CPU)", "second s (CPU)", "first / second", "prefill tokens/s"]
    rows = [[*head, "decode tokens/s", "peak MB"]]
    for name, runs in found.items():
        first, second = middle(name, "first_s"), middle(name, "second_s")
        rows.append(
            [
                name,
                f"{first:.2f} ({middle(name, 'first_cpu_s'):.2f})",
                f"{second:.2f} ({middle(name, 'second_cpu_s'):.2f})",
                f"{first / second:.1f}",
                f"{middle(name, 'prefill'):.0f}",
                f"{middle(name, 'decode'):.1f}",
                f"{median(one.answer['peak_mb'] or one.peak_mb for one in runs):.0f}",
            ]
        )
    return rows


# Jobs, in processes of their own.


def _chat(given: dict[str, Any]):
    """A random network of the size asked for, with a small tokenizer."""
    import torch

    from whenabouts.models.llama import renew_buffers
    from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
    from whenabouts.models.time_tokens import TIME_TOKENS
    from whenabouts.systems.video_llm import VideoChat
    from whenabouts.train.llama_tokenizer import train_llama_tokens
    from whenabouts.weights.convert_video_llm import published_settings
    from whenabouts.weights.video_llm_folder import build_empty

    settings = published_settings(given["system"])
    settings = settings.model_copy(update={"sizes": _sizes(settings.sizes, given["size"])})
    if settings.timestamps == "bert":
        settings = settings.model_copy(update={"timestamps": "llama"})
    model = build_empty(settings).to(getattr(torch, given["precision"]))
    model = model.to_empty(device=given["device"]).eval()
    renew_buffers(model.language, given["device"])
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0) if "norm" in name and weight.ndim == 1 else weight.normal_(std=0.02)
    added = (IMAGE, *TIME_TOKENS) if settings.time_tokens else (IMAGE,)
    tokens = LlamaTokens(train_llama_tokens([*QUESTIONS, "0123456789.,<>[]/"], 340), added)
    # No answer ends before its last token.
    model.language.config.eos_token_id = None
    return VideoChat(model, settings, tokens)


def _sizes(published, size: str):
    if size == "7b":
        return published
    width, layers = (512, 12) if size == "medium" else (128, 2)
    heads = width // 64
    vit = {"width": width, "layers": layers, "heads": heads, "feed_width": 4 * width}
    frame = {"width": width, "layers": max(2, layers // 2), "heads": heads, "feed_width": 4 * width}
    language = {"width": 2 * width, "layers": layers, "heads": 2 * heads, "feed_width": 5 * width}
    return published.model_copy(
        update={
            "vit": published.vit.model_copy(update=vit),
            "frame_qformer": published.frame_qformer.model_copy(
                update={**frame, "memory_width": width}
            ),
            "language": published.language.model_copy(update=language),
        }
    )


def _run(given: dict[str, Any], *, keeps: bool) -> None:
    import torch

    from whenabouts.models.frame_times import printed_times
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.video_llm import Question

    chat = _chat(given)
    on_gpu = given["device"].startswith("cuda")
    dice = torch.Generator().manual_seed(1)
    side = chat.settings.pixels.size_px
    pixels = torch.randint(0, 256, (given["frames"], side, side, 3), generator=dice).byte().numpy()
    times = printed_times(float(second) for second in range(given["frames"]))
    clock, answer = Clock(), GenerateSettings(new_tokens=given["new_tokens"])
    taken, worked = [], []

    def now() -> float:
        if on_gpu:
            torch.cuda.synchronize()
        return time.perf_counter()

    seen = None
    for text in QUESTIONS:
        began, work_began = now(), time.process_time()
        if seen is None or not keeps:
            seen = chat.look(pixels, times)
            chat.forget()
        chat.ask(Question(seen, text), answer)
        taken.append(now() - began)
        worked.append(time.process_time() - work_began)
    assert seen is not None
    rates = _rates(chat, Question(seen, QUESTIONS[0]), answer, now)
    peak_mb = torch.cuda.max_memory_allocated() / (1 << 20) if on_gpu else 0
    # Seconds of the processor hold on a machine where other work runs, too.
    cpu = {"first_cpu_s": worked[0], "second_cpu_s": median(worked[1:])}
    clock.stop(first_s=taken[0], second_s=median(taken[1:]), peak_mb=peak_mb, **cpu, **rates)


def _rates(chat, question, answer, now) -> dict[str, float]:
    """Tokens a second of reading a whole prompt and of writing."""
    took = {}
    for count in (1, answer.new_tokens + 1):
        chat.forget()
        began = now()
        chat.ask(question, answer.model_copy(update={"new_tokens": count}))
        took[count] = now() - began
    prompt = len(chat.embed(question))
    written = answer.new_tokens / (took[answer.new_tokens + 1] - took[1])
    return {"prompt_tokens": prompt, "prefill": prompt / took[1], "decode": written}


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("plain", "ours"):
        _run(json.loads(sys.argv[2]), keeps=sys.argv[1] == "ours")
    else:
        main()
