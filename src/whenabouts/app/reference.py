"""The reference of all commands as Markdown: `python -m whenabouts.app.reference > docs/cli.md`.

A house test holds docs/cli.md to it, so the page cannot be out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

HEAD = """# Commands

This page is generated: `python -m whenabouts.app.reference > docs/cli.md`.

Results go to stdout; progress, notices and errors to stderr. Bars are drawn on a terminal only, and
`NO_COLOR` is respected. `--json` prints one object as [json.md](json.md) says.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | done, and the answer is no: nothing in the library fits, the demo or a check failed |
| 2 | refused: wrong input, missing part, unusable library; the reason and next step are on stderr |
| 3 | indexing ended, and some files failed; `whenabouts status` lists them |
| 70 | a fault of the program |
| 130 | interrupted; what was committed stays |

A setting comes from the option, else from the environment (`WHENABOUTS_LIBRARY`,
`WHENABOUTS_ENCODER`, `WHENABOUTS_PLAYER`), else from `settings.toml` in the configuration folder of
the user (`library = "..."`), else it has its default.
"""


def pages(command: Any, path: str) -> Iterator[str]:
    """A section for a command and for each command below it."""
    parts = getattr(command, "commands", None)
    if parts is not None:
        for name, below in parts.items():
            yield from pages(below, f"{path} {name}")
        return
    yield _section(command, path)


def _section(command: Any, path: str) -> str:
    shown = [param for param in command.params if param.name != "help"]
    places = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    words = " ".join([path, *(_place(param) for param in places), "[OPTIONS]" if options else ""])
    lines = [f"## {path}", "", f"`{words.strip()}`", "", " ".join((command.help or "").split())]
    if shown:
        lines += ["", "| | |", "|---|---|"]
        lines += [_row(_place(param), param) for param in places]
        lines += [_row(_flag(param), param) for param in options]
    return "\n".join(lines) + "\n"


def _place(param: Any) -> str:
    word = param.metavar or param.name.upper()
    word = f"{word}..." if param.nargs == -1 and not word.endswith("...") else word
    return word if param.required else f"[{word}]"


def _flag(param: Any) -> str:
    names = [*sorted(param.opts, key=len, reverse=True), *param.secondary_opts]
    value = "" if param.is_flag else f" {param.metavar or param.type.name.upper()}"
    return ", ".join(names) + value


def _row(title: str, param: Any) -> str:
    text = " ".join((param.help or "").split())
    default = param.default
    plain = isinstance(default, int | float | str) and not isinstance(default, bool) and default
    if plain and param.show_default:
        text += f" Default: `{default}`."
    return f"| `{title}` | {text} |".replace("\\|", "|")


def reference() -> str:
    """The whole page."""
    from whenabouts.app.cli import app

    root = typer.main.get_command(app)
    return HEAD + "\n" + "\n".join(pages(root, "whenabouts"))


if __name__ == "__main__":
    sys.stdout.write(reference())
