"""Jobs that write to the library: an index run and a prune, each in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from whenabouts.app.serve.lanes import StoppedError, Told
from whenabouts.errors import InputError, LockedError, WhenaboutsError
from whenabouts.library.settings import IndexSettings

if TYPE_CHECKING:
    from whenabouts.app.serve.shelf import Shelf

_LOOK_S = 0.2
"""So often a run is asked whether it shall stop."""
_END_S = 10.0


class LibraryWork:
    """Index runs of one library."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def index(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """Make folders and files searchable."""
        passes = ("keyframes",) if request["quick"] else ("keyframes", "frames")
        if request["screen_text"] and not request["quick"]:
            passes = (*passes, "screen")
        if request["speech"] and not request["quick"]:
            passes = (*passes, "speech")
        settings = IndexSettings(passes=passes, retry=request["retry"])
        for path in request["paths"]:
            if not Path(path).exists():
                raise InputError(f"there is no file or folder {path}; check the spelling")
        return self._run(
            {"paths": request["paths"], "settings": settings.model_dump(mode="json")}, told
        )

    def prune(self, _: dict[str, Any], told: Told) -> dict[str, Any]:
        """Forget files that are not on disk any more."""
        return self._run({"paths": [], "settings": {}, "prune": True}, told)

    def _run(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        line = {"library": str(self._shelf.library.path), "prune": False, **request}
        child = subprocess.Popen(
            [sys.executable, "-m", "whenabouts.app.serve.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        watch = threading.Thread(target=_stop_when_asked, args=(child, told.stop), daemon=True)
        try:
            child.stdin.write(json.dumps(line) + "\n")
            child.stdin.flush()
            watch.start()
            return _heard(child.stdout, told)
        finally:
            child.terminate()
            child.wait(_END_S)
            child.stdin.close()
            child.stdout.close()


def _stop_when_asked(child: subprocess.Popen[str], stop: threading.Event) -> None:
    while child.poll() is None:
        if stop.wait(_LOOK_S):
            child.terminate()
            return


def _heard(lines: IO[str], told: Told) -> dict[str, Any]:
    """Pass progress on until the report comes."""
    for line in lines:
        said = json.loads(line)
        if "report" in said:
            return said["report"]
        if "error" in said:
            kind, detail = said["error"]["kind"], said["error"]["detail"]
            raise LockedError(detail) if kind == "Locked" else WhenaboutsError(detail)
        told.progress(**said["event"])
    if told.stop.is_set():
        raise StoppedError
    raise WhenaboutsError(
        "the index run ended without a word; what it committed stays, and the next run goes on"
    )
