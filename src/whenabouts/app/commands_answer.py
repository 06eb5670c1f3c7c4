"""`answer`: a video LLM answers all questions of a published evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from whenabouts.app.options import JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import plain, print_json, say
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whenabouts.evaluate.published_questions import Asked
    from whenabouts.evaluate.video_chat import EvaluatedChat
    from whenabouts.models.phrases import Task
    from whenabouts.models.prompts_published import System
    from whenabouts.weights.video_llm_folder import Precision

_TASKS: dict[str, Task] = {
    "dense-captioning": "dense captioning",
    "moment-retrieval": "moment retrieval",
    "highlights": "highlights",
}


def answer(
    task: Annotated[
        Literal["dense-captioning", "moment-retrieval", "highlights"],
        typer.Argument(help="What is asked: dense-captioning, moment-retrieval or highlights."),
    ],
    model: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The folder of a video LLM, from `whenabouts convert`."),
    ],
    annotations: Annotated[
        Path,
        typer.Option(metavar="FILE", help="COCO-like annotations, or QVHighlights' JSON lines."),
    ],
    videos: Annotated[
        Path, typer.Option(metavar="DIR", help="Videos anywhere below, found by their names.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where results go.")],
    dataset: Annotated[
        str, typer.Option(help="Name of the data set, for the prompt and the files.")
    ] = "youcook",
    split: Annotated[str, typer.Option(help="Name of the split, for the files.")] = "val",
    system: Annotated[
        Literal["timechat", "vtgllm"],
        typer.Option(help="Whose prompts, and whose way of reading answers: timechat or vtgllm."),
    ] = "timechat",
    prompt: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another prompt: the first line, {} for the query."),
    ] = None,
    transcripts: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="What is said: NAME.tsv with start, end, text."),
    ] = None,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Most frames of a video. Default: the model's.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Questions asked at once.")] = 1,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How answers are drawn: published, published-cool, demo, greedy or beam. "
            "Default: as the model's folder says.",
        ),
    ] = None,
    precision: Annotated[
        Literal["stored", "float32", "float16", "bfloat16", "int8", "int4"],
        typer.Option(help="In which precision the model runs."),
    ] = "stored",
    device: Annotated[str, typer.Option(help="Where it runs: cpu, cuda or mps.")] = "cpu",
    json: JsonOption = False,
) -> None:
    """Let a video LLM answer a published evaluation; `score` reads the files that it leaves.

    A run that was cut off goes on where it was. Needs the extra torch.
    """
    from whenabouts.evaluate.published_run import PublishedRun, run_published

    asked = _asked(_TASKS[task], annotations, dataset, system, prompt, transcripts)
    chat = _open(model.expanduser(), preset, precision, device)
    shown = chat.frames
    if frames is not None:
        shown = shown.model_copy(update={"frames": min(frames, shown.frames)})
    run = PublishedRun(
        dataset=dataset, split=split, task=_TASKS[task], system=system, frames=shown, batch=batch
    )
    with Bar("Asking", len(asked), "questions") as bar:
        ran = run_published(
            chat,
            asked,
            run,
            videos.expanduser(),
            out.expanduser(),
            lambda done, total, name: bar.to(done, total, detail=name),
        )
    if json:
        files = {"raw": str(ran.raw), "read": str(ran.read)}
        print_json("answer", {**files, "asked": ran.asked, "notes": list(ran.notes)})
        return
    for told in ran.notes:
        say(plain(told))
    say(f"{ran.asked:,} of {len(asked):,} questions answered: {plain(ran.read)}")
    say(f"figures: whenabouts score {task} --predictions {plain(ran.read)} --references FILE")


def _asked(
    task: Task,
    annotations: Path,
    dataset: str,
    system: System,
    prompt: Path | None,
    transcripts: Path | None,
) -> Sequence[Asked]:
    from whenabouts.data.instruct.transcript import read_transcript
    from whenabouts.evaluate.published_questions import ask, read_annotations
    from whenabouts.models.prompts_published import published_prompt, read_prompt

    lines = read_annotations(annotations.expanduser())
    text = published_prompt(system, task) if prompt is None else read_prompt(prompt.expanduser())
    said = None
    if transcripts is not None:
        folder = transcripts.expanduser()
        said = {line.video: read_transcript(folder, line.video) for line in lines}
    return ask(lines, task, text, dataset=dataset, transcripts=said)


def _open(folder: Path, preset: str | None, precision: Precision, device: str) -> EvaluatedChat:
    from whenabouts.evaluate.video_chat import EvaluatedChat
    from whenabouts.models.generate_settings import PRESETS
    from whenabouts.systems.video_llm import open_chat

    if preset is not None and preset not in PRESETS:
        raise InputError(f"unknown preset {preset!r}; known: {', '.join(PRESETS)}")
    chat = open_chat(folder, precision, device)
    return EvaluatedChat(chat, None if preset is None else PRESETS[preset])
