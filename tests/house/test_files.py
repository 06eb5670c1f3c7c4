"""What every file of the house keeps to."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
NAMELESS = {"utils", "util", "common", "base", "manager", "helpers", "helper", "misc"}


def _tracked(*suffixes: str) -> list[Path]:
    """Files git knows or would take, so that a stray build folder does not count."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: which files are ours cannot be told")
    paths = [ROOT / name for name in listed.split("\0") if name.endswith(suffixes)]
    return [path for path in paths if path.is_file()]


def test_no_python_file_is_longer_than_a_reader_can_hold():
    lengths = {path: len(path.read_text().splitlines()) for path in _tracked(".py")}
    assert len(lengths) > 30
    long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MAX_LINES}
    assert long == {}


def test_every_module_has_a_name_that_says_something():
    assert [path for path in _tracked(".py") if path.stem.lower() in NAMELESS] == []


def test_test_files_have_names_of_their_own():
    # Without __init__.py, pytest cannot tell two files of one name apart.
    stems = [path.stem for path in _tracked(".py") if path.stem.startswith("test_")]
    assert sorted(stems) == sorted(set(stems))


def test_nothing_names_a_machine_of_ours():
    """Paths and hosts that exist on one machine only have no place in the code or the docs."""
    home = re.compile(r"(?<![\w/.])/(?:work|root)/\w|pypi\.org/simple|index-url", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _tracked(".py", ".md", ".toml", ".yml", ".yaml", ".sh", "/run")
        if path != Path(__file__)
        for match in [home.search(path.read_text(errors="replace"))]
        if match
    ]
    assert found == []


def test_no_large_file_is_checked_in():
    """Clips and checkpoints are drawn or fetched; the tiny weights are the one exception."""
    heavy = {
        str(path.relative_to(ROOT)): path.stat().st_size
        for path in _tracked("")
        if path.stat().st_size > 1_000_000 and "weights/tiny" not in path.as_posix()
    }
    assert heavy == {}
