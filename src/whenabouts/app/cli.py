"""The command line: the list of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated, NoReturn

import typer

from whenabouts.app import (
    commands_answer,
    commands_ask,
    commands_chat,
    commands_data,
    commands_index,
    commands_models,
    commands_moment,
    commands_score,
    commands_search,
    commands_serve,
    commands_study,
    commands_watch,
)
from whenabouts.app.demo import demo
from whenabouts.app.doctor import doctor
from whenabouts.app.options import spread
from whenabouts.app.screen import Exit, complain, note, prepare_streams, say
from whenabouts.errors import MissingPartError, WhenaboutsError

EPILOG = (
    "Exit codes: 0 done, 1 done and the answer is no (nothing found, a check failed), "
    "2 refused with a reason, 3 some files could not be indexed, 130 interrupted."
)

EXTRAS = {
    "accelerate": "torch",
    "faster_whisper": "asr",
    "gradio": "demo",
    "mcp": "mcp",
    "onnx": "torch",
    "onnxscript": "torch",
    "peft": "torch",
    "ray": "ray",
    "scenedetect": "shots",
    "torch": "torch",
    "transformers": "torch",
}
"""Package -> the extra that brings it."""

app = typer.Typer(
    name="whenabouts",
    help="Find the video and the moment by saying what happens in it.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wished: bool) -> None:
    if wished:
        from whenabouts import __version__

        say(f"whenabouts {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Find the video and the moment by saying what happens in it."""


_LIBRARY, _ONE = "Your videos", "A single video"
_STUDY, _HELP = "Models and study", "Getting started"

app.command("index", rich_help_panel=_LIBRARY)(commands_index.index)
app.command("search", rich_help_panel=_LIBRARY)(commands_search.search)
app.command("chat", rich_help_panel=_LIBRARY)(commands_chat.chat)
app.command("show", rich_help_panel=_LIBRARY)(commands_moment.show)
app.command("export", rich_help_panel=_LIBRARY)(commands_moment.export)
app.command("status", rich_help_panel=_LIBRARY)(commands_index.status)
app.command("prune", rich_help_panel=_LIBRARY)(commands_index.prune)
app.command("reindex", rich_help_panel=_LIBRARY)(commands_index.reindex)
app.command("serve", rich_help_panel=_LIBRARY)(commands_serve.serve)
app.command("mcp", rich_help_panel=_LIBRARY)(commands_serve.mcp)

app.command("ground", rich_help_panel=_ONE)(commands_watch.ground)
app.command("highlights", rich_help_panel=_ONE)(commands_watch.highlights)
app.command("caption", rich_help_panel=_ONE)(commands_watch.caption)
app.command("summarize", rich_help_panel=_ONE)(commands_watch.summarize)
app.command("describe", rich_help_panel=_ONE)(commands_watch.describe)
app.command("ask", rich_help_panel=_ONE)(commands_ask.ask)

app.add_typer(commands_models.models, name="models", rich_help_panel=_STUDY)
app.command("convert", rich_help_panel=_STUDY)(commands_models.convert)
app.add_typer(commands_study.shapes, name="shapes", rich_help_panel=_STUDY)
app.add_typer(commands_data.data, name="data", rich_help_panel=_STUDY)
app.command("train", rich_help_panel=_STUDY)(commands_study.train)
app.command("evaluate", rich_help_panel=_STUDY)(commands_study.evaluate)
app.command("answer", rich_help_panel=_STUDY)(commands_answer.answer)
app.add_typer(commands_score.score, name="score", rich_help_panel=_STUDY)

app.command("demo", rich_help_panel=_HELP)(demo)
app.command("doctor", rich_help_panel=_HELP)(doctor)


def main() -> None:
    """Run a command line and leave with its exit code."""
    prepare_streams()
    # Damaged pictures are told with their file names; the image library's own remarks name none.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    as_json = "--json" in sys.argv
    try:
        app(spread(sys.argv[1:], "ask", "--options"), prog_name="whenabouts")
    except (WhenaboutsError, OSError) as error:
        complain(error, as_json=as_json)
        raise SystemExit(Exit.REFUSED) from None
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            _tell_fault()
        missing = f"this needs the package {error.name}; pip install 'whenabouts[{extra}]'"
        complain(MissingPartError(missing), as_json=as_json)
        raise SystemExit(Exit.REFUSED) from None
    except Exception:  # noqa: BLE001 - the last door: anything else is our own fault
        _tell_fault()


def _tell_fault() -> NoReturn:
    """Print the error that is being handled, and ask to report it."""
    import traceback

    traceback.print_exc(limit=-8)  # the frames before are those of the parser
    note("whenabouts: this is a fault of the program; please report it with the lines above")
    raise SystemExit(Exit.BROKEN) from None
