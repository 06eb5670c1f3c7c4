"""An index run over the whole corpus: every file gets its due, and nothing else comes to harm."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from colour_encoder import ColourEncoder
from hostile_clips import clip
from hostile_corpus import CASES, Case, good, write_corpus, write_prey

from whenabouts import open_library
from whenabouts.library.events import Event, Report
from whenabouts.library.library import Library
from whenabouts.library.settings import IndexSettings
from whenabouts.store.rows import VideoRow

SETTINGS = IndexSettings(passes=("keyframes", "frames"), file_limit_s=30.0)
LIMIT_S = 120.0


@dataclass
class Run:
    """A library, the folder it was made of, and what the run over the corpus said."""

    library: Library
    folder: Path
    report: Report
    took_s: float
    before: dict[str, np.ndarray]
    """Vectors of what was indexed before the corpus came, by id."""
    events: list[Event] = field(default_factory=list)

    def row(self, path: Path) -> VideoRow | None:
        rows = {row.path: row for row in self.library.videos()}
        return rows.get(str(path))

    def reasons(self, path: Path) -> list[str]:
        failures = [*self.report.failed, *self.report.partial]
        return [failure.reason for failure in failures if str(failure.path) == str(path)]


def vectors_of(library: Library) -> dict[str, np.ndarray]:
    store = library._store()
    frames = store.frames([row.id for row in library.videos()])
    return {video: kept.vectors for video, kept in frames.items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile") / "videos"
    folder.mkdir()
    library = open_library(folder.parent / "my.lib", ColourEncoder())
    for number in range(3):
        clip(folder / f"before{number}.mp4", seconds=2 + number, size=(64, 48 + 2 * number))
    first = library.add(folder, settings=SETTINGS)
    assert (first.new, first.failed) == (3, [])
    before = vectors_of(library)
    write_corpus(folder)
    write_prey(folder)
    odd_entries(folder)
    events: list[Event] = []
    began = time.monotonic()
    report = library.add(folder, settings=SETTINGS, on_event=events.append)
    return Run(library, folder, report, time.monotonic() - began, before, events)


def odd_entries(folder: Path) -> None:
    """What is in the folder besides files with content."""
    os.mkfifo(folder / "pipe.mp4")
    (folder / "loop.mp4").symlink_to("loop2.mp4")
    (folder / "loop2.mp4").symlink_to("loop.mp4")
    (folder / "nowhere.mp4").symlink_to("gone.mp4")
    (folder / "around").symlink_to(folder, target_is_directory=True)
    (folder / "folder.mp4").mkdir()
    clip(folder / "folder.mp4" / "inside.mp4", seconds=1.5)
    os.link(folder / "before0.mp4", folder / "hard_link.mp4")
    deep = folder
    for _ in range(40):
        deep = deep / ("d" * 60)
    deep.mkdir(parents=True)
    clip(deep / "deep.mp4", seconds=1.2)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.name)[1:40])
def test_file_gets_its_due(case: Case, run: Run):
    row = run.row(run.folder / case.name)
    assert row is not None, "a media file without a row is a silent loss"
    outcome = "refused" if row.status == "failed" else row.status
    assert outcome in case.outcomes, f"{case.about}: {row.status} {row.reason}"
    reasons = run.reasons(run.folder / case.name)
    if outcome == "ok":
        assert reasons == []
    else:
        assert reasons == [row.reason] != [""]
        assert row.reason.isprintable() and len(row.reason) < 1000
    if outcome == "refused":
        assert re.search(case.words, row.reason, re.IGNORECASE), row.reason
    elif row.kind != "audio":
        frames = run.library._store().frames([row.id])[row.id]
        assert len(frames) and np.all(np.isfinite(np.asarray(frames.vectors, np.float32)))
        assert np.all(frames.ends_s >= frames.times_s)
        if case.seconds:
            assert case.seconds[0] <= row.duration_s <= case.seconds[1]


def test_run_ends_in_time_and_says_that_it_was_not_all_well(run: Run):
    assert run.took_s < LIMIT_S
    assert not run.report.ok
    refused = {run.folder / case.name for case in CASES if case.outcomes == ("refused",)}
    assert refused <= {failure.path for failure in run.report.failed}


def test_nothing_indexed_before_is_lost_or_changed(run: Run):
    after = vectors_of(run.library)
    for video, vectors in run.before.items():
        assert np.array_equal(after[video], vectors)
    for number in range(3):
        row = run.row(run.folder / f"before{number}.mp4")
        assert row is not None and row.status == "ok"
        assert {"keyframes", "frames"} <= set(row.passes)


@pytest.mark.parametrize(
    ("name", "words"),
    [("pipe.mp4", "regular"), ("loop.mp4", "link|levels"), ("nowhere.mp4", "link")],
)
def test_entries_that_hold_nothing_are_told(name: str, words: str, run: Run):
    told = [f.reason for f in run.report.failed if f.path.name == name]
    assert len(told) == 1 and re.search(words, told[0]), told


def test_folder_named_like_a_video_is_a_folder(run: Run):
    row = run.row(run.folder / "folder.mp4" / "inside.mp4")
    assert row is not None and row.status == "ok"
    assert run.reasons(run.folder / "folder.mp4") == []


def test_deep_folders_are_reached_and_loops_of_folders_end(run: Run):
    paths = [row.path for row in run.library.videos()]
    assert sum(path.endswith("deep.mp4") for path in paths) == 1
    assert not any("/around/" in path for path in paths)


def test_hard_link_is_a_copy_that_shares_what_is_stored(run: Run):
    one, two = run.row(run.folder / "before0.mp4"), run.row(run.folder / "hard_link.mp4")
    assert one is not None and two is not None and one.id == two.id
    assert run.report.copies >= 1


def test_events_of_a_stage_count_up_to_their_total(run: Run):
    for stage in ("keyframes", "frames"):
        ends = [e for e in run.events if e.stage == stage and e.kind in ("done", "failed")]
        assert ends and ends[-1].done == ends[-1].total == len(ends)


def test_second_run_tries_nothing_again_yet_tells_all_failures(run: Run):
    began = time.monotonic()
    again = run.library.add(run.folder, settings=SETTINGS)
    assert (again.new, again.changed, again.moved, again.frames) == (0, 0, 0, 0)
    assert {f.path for f in again.failed} == {f.path for f in run.report.failed}
    assert time.monotonic() - began < 10
    retried = run.library.add(run.folder, settings=SETTINGS.model_copy(update={"retry": True}))
    assert {f.path for f in retried.failed} == {f.path for f in run.report.failed}


def test_repaired_file_is_taken_up(run: Run):
    path = run.folder / "zero.mp4"
    path.write_bytes(good())
    report = run.library.add(run.folder, settings=SETTINGS)
    assert path not in {failure.path for failure in report.failed}
    row = run.row(path)
    assert row is not None and row.status == "ok"


def test_odd_names_can_be_searched_and_printed(run: Run):
    found = run.library.search("before0", limit=60)
    assert str(found).encode("utf-8")
    for moment in found:
        assert str(moment).encode("utf-8", "replace")
