"""SeViLA's stages, one after the other, by the very commands of docs/sevila.md, only smaller."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALLER = {
    "shapes": ("--videos", "5", "--shortest", "6", "--longest", "9", "--seed", "3"),
    "tiny-sevila-sight": (
        "data.drawn.videos=4",
        "frames.frames=4",
        "fresh.tokenizer_videos=4",
        "loader.batch=2",
        "loader.workers=0",
        "loop.steps=2",
        "loop.threads=1",
    ),
    "tiny-sevila-start": (
        "data.drawn.videos=4",
        "validation.drawn.videos=2",
        "validate_batches=1",
        "validate_frames=4",
        "frames.frames=4",
        "data.drawn.taken=2",
        "loader.batch=2",
        "loader.workers=0",
        "loop.steps=2",
        "loop.threads=1",
    ),
    "sevila-": (
        "frames.frames=2",
        "validate_batches=1",
        "validate_frames=4",
        "loader.batch=1",
        "loader.workers=0",
        "loop.by_epochs.iterations=2",
        "loop.threads=1",
    ),
    "evaluate": ("evaluate.questions=4", "evaluate.frames=6", "evaluate.resamples=10"),
}


def commands():
    """Those of the page from nothing to the results."""
    text = (ROOT / "docs" / "sevila.md").read_text(encoding="utf-8")
    block = text.split("From nothing to the table of results")[1].split("```")[1]
    return [shlex.split(line)[1:] for line in block.strip().splitlines()]


def smaller(words):
    """The command with fewer videos and steps, and its recipe by its path."""
    words = [re.sub(r"^recipes/", f"{ROOT}/recipes/", word) for word in words]
    if words[0] == "shapes":
        return [*words[: words.index("--videos")], *SMALLER["shapes"]]
    name = Path(words[1]).stem
    if words[0] == "evaluate":
        return [*words[:2], *SMALLER["evaluate"], *words[2:], "--json"]
    more = SMALLER[name if name.startswith("tiny") else "sevila-"]
    return [*words, *more, "--json"]


def test_the_commands_of_the_page_chain(run, tmp_path):
    pytest.importorskip("torch", reason="training needs the extra torch")
    told = commands()
    assert [words[0] for words in told] == ["shapes"] * 2 + ["train"] * 5 + ["evaluate"]
    for words in told:
        ended = run(*smaller(words))
        assert ended.code == 0, (words, ended.err)
    figures = ended.json["figures"]
    assert {"located.accuracy", "uniform.accuracy", "located over uniform"} <= set(figures)
    stages = (
        *("tiny-sevila-sight", "tiny-sevila-start"),
        *("sevila-localizer", "sevila-refine", "sevila-answerer"),
    )
    for stage in stages:
        assert (tmp_path / "runs" / stage / "checkpoint" / "settings.toml").is_file()
    videos = sorted((tmp_path / "questions").rglob("*.mp4"))
    model = tmp_path / "runs" / "sevila-answerer" / "checkpoint"
    asked = ("what colour is the circle?", "--model", model, "--json", "--options", "red", "blue")
    ended = run("ask", videos[0], *asked)
    assert ended.code == 0, ended.err
    assert ended.json["results"][0]["option"] in (0, 1)
