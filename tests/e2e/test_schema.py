"""Schemathesis against a live server: whatever the schema allows or forbids, it is answered so.

The long form is `pytest -m slow tests/e2e/test_schema.py`.
"""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from serving import listening, make_library

HERE = Path(__file__).parent


@pytest.fixture
def library(tmp_path):
    with make_library(tmp_path) as made:
        yield made


def _known(url, library):
    """Names that exist, and bodies that mean something."""
    videos = [row.id for row in library.videos()]
    chats = [httpx.post(f"{url}/api/v1/chats").json()["id"] for _ in range(4)]
    form = {"video": videos[0], "query": "red", "wait_s": 0}
    jobs = [
        httpx.post(f"{url}/api/v1/ground", json=form).headers["location"].rsplit("/", 1)[-1]
        for _ in range(3)
    ]
    picture = io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), (220, 30, 30), np.uint8)).save(picture, "PNG")
    kinds = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
    bodies = dict.fromkeys(kinds, picture.getvalue().hex())
    bodies["application/octet-stream"] = library.video("sea.mp4").path.read_bytes().hex()
    return {"videos": videos, "chats": chats, "jobs": jobs, "bodies": bodies}


def _run(library, folder, *options):
    """How many cases were generated; fails with what was found."""
    with listening(library, rate_hz=1e6, burst=10**6) as url:
        known = _known(url, library)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli"),
                *("--config-file", HERE / "schemathesis.toml"),
                *("run", f"{url}/api/v1/openapi.json", "--checks", "all", "--seed", "1"),
                *("--no-shrink", "--continue-on-failure", *options),
            ],
            env={
                **os.environ,
                "SCHEMATHESIS_HOOKS": "schema_hooks",
                "PYTHONPATH": str(HERE),
                "WHENABOUTS_KNOWN": json.dumps(known),
                "NO_COLOR": "1",
            },
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert httpx.get(f"{url}/api/v1/health").status_code == 200
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-3000:]
    (count,) = re.findall(r"(\d+) generated", done.stdout)
    return int(count)


def test_what_the_schema_says_is_so(library, tmp_path):
    count = _run(library, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "3")
    assert count >= 70


@pytest.mark.slow
def test_a_thousand_cases_of_the_whole_schema(library, tmp_path):
    count = _run(library, tmp_path, "--max-examples", "40")
    assert count >= 1000
