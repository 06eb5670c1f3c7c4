"""Opens a video in a player at a time."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from whenabouts.errors import MissingPartError, SettingsError

PLAYERS: tuple[tuple[str, ...], ...] = (
    ("mpv", "--start={start_s}", "{path}"),
    ("vlc", "--start-time={start_s}", "{path}"),
    ("mplayer", "-ss", "{start_s}", "{path}"),
    ("totem", "--seek={start_s}", "{path}"),
    ("ffplay", "-ss", "{start_s}", "{path}"),
    # these know no start time
    ("xdg-open", "{path}"),
    ("open", "{path}"),
)


def command(path: Path, start_s: float, wished: str = "") -> list[str]:
    """The command line that plays `path` from `start_s`, by the user's wish or the first found."""
    values = {"path": os.fspath(path.resolve()), "start_s": f"{start_s:.3f}"}
    if wished:
        try:
            return [word.format(**values) for word in shlex.split(wished)]
        except (KeyError, ValueError, IndexError) as error:
            raise SettingsError(
                f"the player command {wished!r} cannot be used ({error}); "
                "write for example 'mpv --start={start_s} {path}'"
            ) from error
    for player in PLAYERS:
        if shutil.which(player[0]):
            return [word.format(**values) for word in player]
    raise MissingPartError(
        "no video player found; install mpv or vlc, or set WHENABOUTS_PLAYER, "
        "for example 'mpv --start={start_s} {path}'"
    )


def play(path: Path, start_s: float, wished: str = "") -> str:
    """Start the player and leave it alone; its name."""
    if sys.platform == "win32" and not wished:
        os.startfile(path)
        return "the default player"
    words = command(path, start_s, wished)
    try:
        player = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        player.returncode = 0  # it outlives us on purpose; without this, Python would warn
    except OSError as error:
        raise MissingPartError(f"cannot start the player {words[0]!r}: {error.strerror}") from error
    return words[0]
