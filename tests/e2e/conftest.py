"""The command line in this process, and a small drawn library, made once."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from whenabouts.app import demo_world
from whenabouts.app.cli import main

SHARED = Path(__file__).parents[3] / "shared"


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Folders of the user, so that no test touches those of whoever runs it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _at_home(home, monkeypatch):
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    for name in [name for name in os.environ if name.startswith("WHENABOUTS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command line in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["whenabouts", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Folder with the demo's videos, their scripts, and the questions with their truth."""
    folder = tmp_path_factory.mktemp("drawn") / "videos"
    folder.mkdir()
    drawings = demo_world.scripts(0)
    demo_world.draw(drawings, folder, lambda number, name: None)
    return folder, drawings, demo_world.questions(drawings, 0)


@pytest.fixture(scope="session")
def library(drawn, tmp_path_factory):
    """An indexed library of the drawn videos; tests must not change it."""
    from whenabouts import open_library

    path = tmp_path_factory.mktemp("library") / "drawn.lib"
    with open_library(path) as opened:
        report = opened.add(drawn[0])
    assert report.new == len(drawn[1])
    return path


@pytest.fixture(scope="session")
def real_videos():
    """Real clips, where the checkout has them."""
    folder = Path(os.environ.get("WHENABOUTS_VIDEOS", SHARED / "videos"))
    if not folder.is_dir():
        pytest.skip(f"no real clips at {folder}")
    return folder
