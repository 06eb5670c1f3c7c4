"""The reference of all commands as Markdown: `python -m whenabouts.app.reference > docs/cli.md`.

A house test holds docs/cli.md to it, so the page cannot be out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from inspect import Parameter, cleandoc, signature
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

HEAD = """# Commands

This page is generated: `python -m whenabouts.app.reference > docs/cli.md`.

Results go to stdout; progress, notices and errors to stderr. Bars are drawn on a terminal only, and
`NO_COLOR` is respected. `--json` prints one object as [json.md](json.md) says.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | done, and the answer is no: nothing in library or video fits, the demo or a check failed |
| 2 | refused: wrong input, missing part, unusable library; the reason and next step are on stderr |
| 3 | indexing or watching ended, and some files failed; `whenabouts status` lists a library's |
| 70 | a fault of the program |
| 130 | interrupted; what was committed stays |

A setting comes from the option, else from the environment (`WHENABOUTS_LIBRARY`,
`WHENABOUTS_ENCODER`, `WHENABOUTS_PLAYER`), else from `settings.toml` in the configuration folder of
the user (`library = "..."`), else it has its default. `WHENABOUTS_MODELS` moves the folder of
fetched encoders; `WHENABOUTS_SPEECH_WEIGHTS` names the weights of the speech reader.
"""


def pages(program: typer.Typer, path: str) -> Iterator[str]:
    """A section for each command, those of groups included."""
    for info in program.registered_commands:
        if info.callback is not None:
            yield _section(info.callback, f"{path} {info.name}")
    for group in program.registered_groups:
        if group.typer_instance is not None:
            yield from pages(group.typer_instance, f"{path} {group.name}")


def _section(command: Callable[..., object], path: str) -> str:
    """The usage line, the docstring, and a table of arguments and options."""
    hints = get_type_hints(command, include_extras=True)
    params = [_Param(p, hints[name]) for name, p in signature(command).parameters.items()]
    places = [param for param in params if not param.flags]
    options = [param for param in params if param.flags]
    words = [path, *(param.title for param in places), "[OPTIONS]" if options else ""]
    lines = [f"## {path}", "", f"`{' '.join(words).strip()}`", "", cleandoc(command.__doc__ or "")]
    if params:
        lines += ["", "| | |", "|---|---|"]
        lines += [f"| `{param.title}` | {param.help} |" for param in (*places, *options)]
    return "\n".join(lines) + "\n"


class _Param:
    """An argument or option, from the signature of its command."""

    def __init__(self, param: Parameter, hint: Any) -> None:
        kind, info = get_args(hint)[:2]
        self._kinds = {kind, *get_args(kind)}
        many = any(get_origin(part) is list for part in self._kinds)
        default = param.default
        word = info.metavar or param.name.strip("_").upper()
        self.flags: tuple[str, ...] = ()
        if type(info).__name__ == "OptionInfo":
            # Annotated style: the first flag is in the place of the default.
            first = (info.default,) if isinstance(info.default, str) else ()
            given = (*first, *(info.param_decls or ()))
            self.flags = given or (f"--{param.name.replace('_', '-')}",)
            value = "" if bool in self._kinds else f" {info.metavar or self._value()}"
            self.title = ", ".join(self.flags) + value
        else:
            word = f"{word}..." if many else word
            self.title = word if default is Parameter.empty else f"[{word}]"
        self.help = " ".join((info.help or "").split())
        if self.flags and not isinstance(default, bool) and isinstance(default, int | float):
            self.help += f" Default: {default}."

    def _value(self) -> str:
        """The values to choose from, or the type."""
        for part in self._kinds:
            if get_origin(part) is Literal:
                return "/".join(get_args(part))
        return "TEXT" if str in self._kinds else "NUMBER"


def reference() -> str:
    """The whole page."""
    from whenabouts.app.cli import app

    return HEAD + "\n" + "\n".join(pages(app, "whenabouts"))


if __name__ == "__main__":
    sys.stdout.write(reference())
