"""What the server says while it runs: one line a request, as JSON or for people."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from whenabouts.app.screen import plain

LogForm = Literal["text", "json", "off"]
FIELDS = ("method", "path", "route", "status", "ms", "client")


class JsonLines(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextLines(logging.Formatter):
    """A line for people; what comes from outside cannot steer the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        took = f"  {getattr(record, 'ms', 0):.0f} ms" if hasattr(record, "ms") else ""
        line = f"{when} {plain(record.getMessage())}{took}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def start_logs(form: LogForm) -> None:
    """Send the server's lines to stderr; faults are told even when the rest is off."""
    logger = logging.getLogger("whenabouts.serve")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING if form == "off" else logging.INFO)
    logger.propagate = False
