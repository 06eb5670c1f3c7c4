"""`whenabouts serve` in a process of its own, as people start it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def start(library: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
    """The process and its address."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "whenabouts", "serve", str(library)),
            *("--port", "0", "--log", "off", *options),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+(?=/)", line):
            return process, found[0]
    raise AssertionError(f"the server ended with {process.wait()}")


@contextmanager
def serving(library: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Started, and ended as Control-C ends it."""
    process, url = start(library, *options)
    try:
        yield process, url
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
