"""The README's commands for single videos, on a drawn one and on one from a camera."""

import functools
import re
import shlex
import shutil
from pathlib import Path

import pytest

from whenabouts.systems import video_llm

README = Path(__file__).parents[2] / "README.md"


def _commands():
    section = README.read_text(encoding="utf-8").partition("## Ask one video\n")[2]
    (block,) = re.findall(r"^```bash\n(.*?)^```", section.partition("\n## ")[0], re.M | re.S)
    return [line.partition("  #")[0].strip() for line in block.splitlines()]


VERBS = {"ground", "highlights", "summarize", "caption", "describe", "ask"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """The model is opened once and answers in few words; it looks and reads as ever."""
    ask = video_llm.VideoChat.ask

    def briefly(self, question, settings, tell=None):
        return ask(self, question, settings.model_copy(update={"new_tokens": 24}), tell)

    monkeypatch.setattr(video_llm.VideoChat, "ask", briefly)
    monkeypatch.setattr(video_llm, "open_chat", functools.cache(video_llm.open_chat))


def test_the_readme_shows_every_verb_in_both_languages():
    commands = _commands()
    assert {shlex.split(command)[1] for command in commands} == VERBS
    chinese = [c for c in commands if re.search(r"[\u3400-\u9fff]|--lang zh", c)]
    assert {shlex.split(command)[1] for command in chinese} >= VERBS - {"summarize"}


@pytest.mark.parametrize("source", ["drawn", "from a camera"])
def test_the_commands_run(run, request, tmp_path, source):
    if source == "drawn":
        video = sorted(request.getfixturevalue("drawn")[0].glob("*.mp4"))[0]
    else:
        video = request.getfixturevalue("real_videos") / "skateboarding_dog.mp4"
    (tmp_path / "shapes").mkdir()
    shutil.copyfile(video, tmp_path / "shapes" / "shapes_0000.mp4")
    for command in _commands():
        _, *words = shlex.split(command)
        ended = run(*words)
        assert ended.code in (0, 1), f"{command}\n{ended.out}{ended.err}"
        assert "knows drawn shapes only" in ended.err or "only drawn shapes" in ended.err
    assert (tmp_path / "best.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "shapes_0000.srt").is_file()
