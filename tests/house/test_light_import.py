"""Opening the door must not carry the furniture in: what may not be imported, and when."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "av",
    "cv2",
    "fastapi",
    "lancedb",
    "numpy",
    "onnxruntime",
    "opentimelineio",
    "PIL",
    "pyarrow",
    "pydantic",
    "rapidocr",
    "rich",
    "tokenizers",
    "torch",
    "transformers",
    "typer",
}
"""Each costs more than the whole package; one missing here is a name that was never heavy."""


def _loaded(code: str) -> set[str]:
    """Top names in `sys.modules` after running `code` in a fresh interpreter."""
    script = (
        f"{code}\nimport json, sys\nprint(json.dumps([n.partition('.')[0] for n in sys.modules]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_import_of_the_package_loads_nothing_heavy():
    assert _loaded("import whenabouts") & HEAVY == set()


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("from whenabouts import Moment", {"numpy"}),
        ("from whenabouts import WhenaboutsError", set()),
        ("import whenabouts.settings", {"pydantic"}),
        ("import whenabouts.catalog", set()),
        ("import whenabouts.protocols", {"numpy"}),
    ],
)
def test_names_load_what_they_need_and_no_more(code, allowed):
    assert (_loaded(code) & HEAVY) - allowed == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["search", "--help"]])
def test_help_and_version_do_not_load_the_engine(words):
    code = (
        "import sys; sys.argv = ['whenabouts', *"
        f"{words!r}]\nfrom whenabouts.app.cli import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0, end.code"
    )
    # numpy comes with the types; typer brings rich and pydantic.
    assert (_loaded(code) & HEAVY) - {"typer", "rich", "numpy", "pydantic"} == set()


def test_opening_the_library_module_does_not_load_torch():
    assert "torch" not in _loaded("from whenabouts import open_library")
