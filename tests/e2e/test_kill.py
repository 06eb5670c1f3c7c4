"""SIGKILL at twenty points of an index run: the library stays whole and the run can be resumed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fakes import ColourEncoder, film

from whenabouts import open_library
from whenabouts.library.settings import IndexSettings

KILLS = 20
FILMS = 8
# Small commits, so that many of the points lie in or beside one.
SETTINGS = IndexSettings(passes=("keyframes", "frames"), commit_frames=4, commit_s=0.0)
CHILD = """
import sys
import lancedb  # the slow import, before the clock
from fakes import ColourEncoder
from whenabouts import open_library
from whenabouts.library import index
from whenabouts.library.settings import IndexSettings

lib = open_library(sys.argv[1], ColourEncoder())
print("ready", flush=True)
sys.stdin.readline()
lib.add(sys.argv[2], settings=IndexSettings.model_validate_json(sys.argv[3]),
        on_event=lambda event: print(event.kind, event.stage, event.done, flush=True))
print("end", flush=True)
"""


def start(library: Path, films: Path) -> subprocess.Popen:
    """A child that indexes, warmed up to the point where it says that it begins."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(library), str(films), SETTINGS.model_dump_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )


def go(child: subprocess.Popen, events: int | None = None, wait_s: float = 0.0) -> list[str]:
    """Let it index, and kill it `wait_s` after so many events (None: never); what it told."""
    told: list[str] = []
    assert child.stdout.readline() == "ready\n"
    child.stdin.write("go\n")
    child.stdin.flush()
    while events is None or len(told) < events:
        line = child.stdout.readline()
        if not line:
            break
        told.append(line.strip())
    if events is not None:
        time.sleep(wait_s)
        child.kill()
    return told + child.communicate()[0].splitlines()


def contents(library: Path) -> dict[str, tuple]:
    """What each file has: its passes and all its stored frames."""
    with open_library(library, ColourEncoder()) as lib:
        rows = lib.videos()
        frames = lib._store().frames([row.id for row in rows])
    return {row.path: (row.passes, frames.get(row.id)) for row in rows}


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("vectors", "logits", "times_s", "ends_s")
    )


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    pairs = [("red", "blue"), ("green", "pink"), ("white", "cyan"), ("yellow", "black")]
    for number in range(FILMS):
        first, second = pairs[number % 4]
        seconds = 1 + number / 4
        film(folder / f"{number:02}.mp4", [(first, seconds), (f"{first}+{second}", 1.5)])
    return folder


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal nobody can catch")
def test_twenty_kills_leave_a_whole_library_each_time(tmp_path, films):
    child = start(tmp_path / "reference", films)
    begun = time.monotonic()
    every = go(child)
    step_s = (time.monotonic() - begun) / len(every)
    assert child.returncode == 0 and every[-1] == "end"
    reference = contents(tmp_path / "reference")
    assert len(reference) == FILMS

    chance = random.Random(4)
    cut_short = kept = 0
    following = start(tmp_path / "0", films)
    for number in range(KILLS):
        child, library = following, tmp_path / str(number)
        events = 1 + number * (len(every) - 2) // KILLS
        told = go(child, events, chance.random() * 2 * step_s)
        if number + 1 < KILLS:  # the next one imports while this one is looked at
            following = start(tmp_path / str(number + 1), films)

        found = contents(library)
        for path, (passes, frames) in found.items():
            if "frames" in passes:
                assert same(frames, reference[path][1]), f"half a video after kill {number}"
            else:
                assert frames is not None and len(frames) >= 1
        saved = [int(line.split()[2]) for line in told if line.startswith("saved keyframes")]
        assert len(found) >= max(saved, default=0), f"kill {number} lost what was committed"
        cut_short += told[-1:] != ["end"]
        kept += bool(found)

        with open_library(library, ColourEncoder()) as lib:
            report = lib.add(films, settings=SETTINGS)
            assert report.ok
        resumed = contents(library)
        assert set(resumed) == set(reference)
        assert all(same(resumed[path][1], reference[path][1]) for path in reference)
    assert cut_short >= KILLS // 2, "most kills came too late to mean anything"
    assert kept >= KILLS // 4, "most kills came before the first commit"
