"""Pages that say what the program does, held to what it does."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from whenabouts.app.reference import reference

ROOT = Path(__file__).parents[2]


def test_the_command_reference_is_up_to_date():
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), (
        "docs/cli.md is out of date; run: python -m whenabouts.app.reference > docs/cli.md"
    )


def test_every_command_and_option_is_explained():
    """A row with an empty second cell is an option without a help text."""
    page = reference()
    assert re.findall(r"^\| `[^`]*` \|\s*\|$", page, re.MULTILINE) == []
    commands = re.findall(r"^## whenabouts (.+)$", page, re.MULTILINE)
    assert {"index", "search", "show", "export", "models get", "shapes make"} <= set(commands)
    for command in commands:
        section = page.partition(f"## whenabouts {command}\n")[2].partition("\n## ")[0]
        prose = [line for line in section.splitlines() if line and line[0] not in "`|"]
        assert prose, f"{command} has no description"


def _links(page: Path) -> list[str]:
    return re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page):
    assert [link for link in _links(page) if not (page.parent / link).exists()] == []


def test_every_setting_of_the_program_is_documented():
    from whenabouts.app.preferences import Preferences

    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in Preferences.model_fields:
        assert f"WHENABOUTS_{name.upper()}" in page


def test_every_field_of_every_settings_class_says_what_it_is():
    """A field is explained by a docstring below it, or by a name and type that leave no doubt."""
    import ast

    bare: list[str] = []
    for path in sorted((ROOT / "src").rglob("settings.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"
                followers = [*node.body[1:], None]
                bare += [
                    f"{node.name}.{ast.unparse(part.target)}"
                    for part, after in zip(node.body, followers, strict=True)
                    if isinstance(part, ast.AnnAssign)
                    and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
                ]
    assert bare == []


def _blocks(language: str) -> list[str]:
    """Fenced blocks of the README in one language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _commands(block: str) -> list[str]:
    return [c for line in block.splitlines() if (c := line.partition("  #")[0].strip())]


def test_the_readme_opens_with_the_two_commands_of_the_house():
    assert _commands(_blocks("bash")[0]) == [
        "pip install -e . && whenabouts demo",
        "pip install -e '.[dev]' && pytest",
    ]


def test_every_command_of_the_readme_exists_with_its_options():
    """The blocks that need a person's own videos are not run, but what they name must be there."""
    page = reference()
    for command in (c for block in _blocks("bash")[1:] for c in _commands(block)):
        _, name, *rest = shlex.split(command)
        name = f"{name} {rest[0]}" if f"## whenabouts {name} {rest[0]}\n" in page else name
        section = page.partition(f"## whenabouts {name}\n")[2].partition("\n## ")[0]
        assert section, f"there is no command {name}"
        for word in rest:
            assert not word.startswith("--") or word in section, f"{name} has no {word}"


def test_the_session_of_the_readme_asks_what_the_demo_asks():
    from whenabouts.app import demo_world

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^✓ (.+?)   \((.+)\)$", text, re.MULTILINE)
    asked = demo_world.questions(demo_world.scripts(0), 0)
    assert shown == [(question.text, question.topic) for question in asked], (
        "the demo has changed; put the new output of `whenabouts demo` into README.md"
    )


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """A folder and an environment in which the README's offline commands run."""
    folder = tmp_path_factory.mktemp("readme")
    home = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE")}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WHENABOUTS_")}
    return folder, {**kept, **home, "HOME": str(folder), "COLUMNS": "110"}


def test_the_offline_commands_of_the_readme_run_in_order(playground):
    folder, environment = playground
    offline = _commands(_blocks("bash")[1])
    assert len(offline) == 3
    for command in offline:
        words = [sys.executable, "-m", "whenabouts", *shlex.split(command)[1:]]
        ended = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"


def test_the_python_of_the_readme_runs_after_them(playground):
    folder, environment = playground
    (code,) = _blocks("python")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ".mp4" in ended.stdout


def test_the_file_tree_of_the_readme_names_every_room():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (ROOT / "src" / "whenabouts").iterdir() if path.is_dir()]
    for room in rooms:
        if room != "__pycache__":
            assert f"{room}/" in text, f"the README's file tree lacks {room}/"
