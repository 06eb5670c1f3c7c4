"""An index run in a process of its own: `python -m whenabouts.app.serve.child`.

It reads one line of JSON (library, paths, settings), prints one line an event, and the report or
the error last. So a run can be stopped at once, its memory goes with it, and searching never waits
for it. When the server is gone, its end of our input closes, and we go too.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from whenabouts.errors import WhenaboutsError


def main() -> None:
    """Do one run."""
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        _tell({"report": _index(request)})
    except (WhenaboutsError, OSError) as error:
        kind = type(error).__name__.removesuffix("Error")
        _tell({"error": {"kind": kind, "detail": str(error)}})


def _index(request: dict[str, Any]) -> dict[str, Any]:
    from whenabouts.app.run_view import report_json
    from whenabouts.library.events import Event
    from whenabouts.library.library import open_library
    from whenabouts.library.settings import IndexSettings

    def hear(event: Event) -> None:
        by_time = event.total_s > 0
        told = {
            "stage": event.stage,
            "done": event.done_s if by_time else event.done,
            "total": event.total_s if by_time else event.total,
            "text": event.path.name if event.path is not None else event.text,
        }
        if event.kind == "failed":
            told["text"] = f"{told['text']}: {event.text}"
        _tell({"event": told})

    with open_library(request["library"], create=False) as library:
        if request["prune"]:
            return {"removed": library.prune()}
        report = library.add(
            *map(Path, request["paths"]),
            settings=IndexSettings.model_validate(request["settings"]),
            on_event=hear,
        )
        return report_json(report)


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)  # what was committed stays; there is nobody left to tell


if __name__ == "__main__":
    main()
