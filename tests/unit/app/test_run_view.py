import io
from pathlib import Path

import pytest
from rich.console import Console

from whenabouts.app import progress, run_view
from whenabouts.app.progress import SECONDS, Bar
from whenabouts.app.run_view import RunView, report_json, tell_report
from whenabouts.library.events import Event, Failure, Report


@pytest.fixture
def terminal(monkeypatch):
    """A console that is a terminal as far as it knows, and what was drawn on it."""
    console = Console(
        file=io.StringIO(), force_terminal=True, width=110, color_system=None, legacy_windows=False
    )
    monkeypatch.setattr(progress, "err", lambda: console)
    return console


def _drawn(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_stage_shows_title_time_and_file(terminal):
    with RunView() as view:
        view(Event("stage", "screen", total=3, total_s=150.0))
        view(Event("done", "screen", Path("a\nb.mp4"), done=1, total=3, done_s=65.0, total_s=150.0))
    drawn = _drawn(terminal)
    assert "On-screen text" in drawn
    assert "1:05/2:30" in drawn
    assert "2/3 a\\nb.mp4" in drawn, "names are drawn, not obeyed"


def test_a_stage_without_lengths_counts_files(terminal):
    with RunView() as view:
        view(Event("stage", "keyframes", total=1200))
        view(Event("done", "keyframes", Path("a.mp4"), done=600, total=1200))
    assert "Key frames" in _drawn(terminal)
    assert "600/1,200 files" in _drawn(terminal)


def test_an_event_before_any_stage_is_no_error(terminal):
    with RunView() as view:
        view(Event("found", "walk", text="3 files"))
    assert _drawn(terminal) == ""


def test_nothing_is_drawn_where_there_is_no_terminal(monkeypatch):
    console = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(progress, "err", lambda: console)
    with Bar("Drawing", 3, "videos") as bar:
        bar.to(2, detail="x")
    assert _drawn(console) == ""


def test_nothing_moves_on_a_dumb_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    console = Console(file=io.StringIO(), force_terminal=True)
    monkeypatch.setattr(progress, "err", lambda: console)
    with Bar("Drawing", 3, "videos") as bar:
        bar.to(2)
    assert _drawn(console) == ""


def test_a_bar_shows_rate_and_remaining_time(terminal, monkeypatch):
    with Bar("Reading", 100.0, SECONDS) as bar:
        now = iter(range(0, 1000, 5))
        assert bar._progress is not None
        monkeypatch.setattr(bar._progress, "get_time", lambda: float(next(now)))
        for done in (10, 20, 30):
            bar.to(done)
    assert "x " in _drawn(terminal)


def test_a_report_lists_failures_up_to_a_limit(capsys):
    failed = [Failure(Path(f"{n}.mp4"), "cut\x1b[2J short") for n in range(25)]
    tell_report(Report(new=3, failed=failed, notes=["speech is not read; pip install x"]))
    printed = capsys.readouterr()
    assert printed.out == "3 new, 25 failed\n"
    assert printed.err.count("failed: ") == run_view.MAX_LISTED
    assert "and 5 more failed; see: whenabouts status" in printed.err
    assert "\x1b[2J" not in printed.err
    assert "speech is not read" in printed.err


def test_a_report_in_json_has_the_documented_keys():
    value = report_json(
        Report(new=1, partial=[Failure(Path("a"), "why")], stage_s={"walk": 1.23456})
    )
    page = (Path(__file__).parents[3] / "docs" / "json.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| `index`"))
    assert [key for key in value if f"`{key}`" not in row] == []
    assert value["partial"] == [{"path": "a", "reason": "why"}]
    assert value["stage_s"] == {"walk": 1.235}
