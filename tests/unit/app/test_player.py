import sys
from pathlib import Path

import pytest

from whenabouts.app import player
from whenabouts.errors import MissingPartError, SettingsError


def test_the_first_player_found_gets_the_time(monkeypatch, tmp_path):
    monkeypatch.setattr(player.shutil, "which", lambda name: name in ("vlc", "ffplay") or None)
    path = tmp_path / "-odd name.mp4"
    assert player.command(path, 12.5) == ["vlc", "--start-time=12.500", str(path)]


def test_a_name_that_looks_like_an_option_is_made_absolute(monkeypatch):
    monkeypatch.setattr(player.shutil, "which", lambda name: name)
    assert player.command(Path("--help"), 0)[-1] == str(Path.cwd() / "--help")


def test_a_wish_is_split_like_a_shell_would_but_no_shell_runs(tmp_path):
    path = tmp_path / "a; rm b.mp4"
    words = player.command(path, 1.0, "mpv '--start={start_s}' --fs {path}")
    assert words == ["mpv", "--start=1.000", "--fs", str(path)]


@pytest.mark.parametrize("wish", ["mpv {file}", "mpv '{path}", "mpv {0}"])
def test_a_wish_that_cannot_be_used_says_how_to_write_it(wish):
    with pytest.raises(SettingsError, match=r"mpv --start=\{start_s\} \{path\}"):
        player.command(Path("a.mp4"), 1.0, wish)


def test_no_player_says_what_to_do(monkeypatch):
    monkeypatch.setattr(player.shutil, "which", lambda _: None)
    with pytest.raises(MissingPartError, match="WHENABOUTS_PLAYER"):
        player.command(Path("a.mp4"), 1.0)


@pytest.mark.skipif(sys.platform == "win32", reason="starts a POSIX program")
def test_play_starts_it_and_names_it(tmp_path):
    written = tmp_path / "started"
    script = f"import sys, pathlib; pathlib.Path({str(written)!r}).write_text(sys.argv[1])"
    wish = f'{sys.executable} -c "{script}" {{start_s}}'
    assert player.play(tmp_path / "a.mp4", 3.0, wish) == sys.executable
    for _ in range(100):
        if written.exists() and written.read_text():
            break
        import time

        time.sleep(0.05)
    assert written.read_text() == "3.000"
