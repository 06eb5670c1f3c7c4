"""`chat`: talk to a library."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.app.chat_screen import Stream, print_moments, print_turn_json
from whenabouts.app.options import LibraryOption
from whenabouts.app.preferences import library_path, state_folder
from whenabouts.app.screen import err, note, out, plain, print_json, print_text, say
from whenabouts.app.thumbnails import Way, way_of
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.dialogue.conversation import Conversation
    from whenabouts.library.library import Library
    from whenabouts.protocols import Brain

_SAID = ("/undo", "/more")
"""Commands that are said to the planner as words."""
COMMANDS = {
    "/help": "this list",
    "/undo": "take back a step",
    "/more": "further results",
    "/pictures": "pictures on or off",
    "/turns": "the conversation so far",
    "/quit": "leave; the conversation is kept",
}


def chat(
    library: LibraryOption = None,
    script: Annotated[
        str, typer.Option(metavar="FILE", help="Say the lines of a file, `-` for stdin, and end.")
    ] = "",
    resume: Annotated[
        str,
        typer.Option(metavar="ID", help="Go on with a saved conversation; `last`, or its name."),
    ] = "",
    list_: Annotated[bool, typer.Option("--list", help="List the saved conversations.")] = False,
    export: Annotated[
        str, typer.Option(metavar="ID", help="Print a saved conversation as Markdown, or JSON.")
    ] = "",
    replay: Annotated[
        str,
        typer.Option(metavar="ID", help="Say again what the user said in a saved conversation."),
    ] = "",
    brain: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who answers: `planner` (built in), the address of an OpenAI-compatible "
            "server, `tiny-ivcr`, or the folder of a model.",
        ),
    ] = "planner",
    llm: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the chat model at the server's address.")
    ] = "",
    model: Annotated[
        str, typer.Option(metavar="MODEL", help="Folder of a video LLM, for questions to videos.")
    ] = "",
    folder: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where exports go. Default: here.")
    ] = Path(),
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Results of a list.")] = 10,
    ask: Annotated[bool, typer.Option(help="Let it ask back when candidates tie.")] = True,
    save: Annotated[bool, typer.Option(help="Keep the conversation in the library.")] = True,
    pictures: Annotated[Way, typer.Option(help="How pictures are drawn.")] = "auto",
    json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each turn (docs/json.md).")
    ] = False,
) -> None:
    """Talk to a library: find, narrow down, ask when, what comes after, more like it, cut it.

    In a pipe it reads one utterance a line. Conversations are kept and can be resumed.
    """
    from whenabouts.dialogue import saved
    from whenabouts.library.library import open_library

    path = library_path(library)
    if list_ or export:
        _kept(path, export, json=json)
        return
    with open_library(path, create=False) as opened:
        talk = _opened(opened, (brain, llm, model), limit, ask=ask, save=save, resume=resume)
        talk = _with_hands(talk, folder, script)
        if replay:
            turns, _ = saved.read(saved.find(path, replay).path)
            _run(talk, (turn.text for turn in turns if turn.role == "user"), json=json)
        elif script or not sys.stdin.isatty():
            _run(talk, _lines(script), json=json)
        else:
            drawn = way_of(out().is_terminal, out().color_system is not None)
            _talk(talk, drawn if pictures == "auto" else pictures)


def _kept(path: Path, export: str, *, json: bool) -> None:
    """List the saved conversations, or print one."""
    from whenabouts.dialogue import saved

    if export:
        turns, _ = saved.read(saved.find(path, export).path)
        if json:
            print_json("chat", {"turns": [turn.to_json() for turn in turns]})
        else:
            print_text(
                "\n".join(plain(line) for line in saved.as_markdown(turns).split("\n")) + "\n"
            )
        return
    entries = saved.every(path)
    if json:
        found = [
            {"id": e.id, "changed_s": e.changed_s, "turns": e.turns, "title": e.title}
            for e in entries
        ]
        print_json("chat", {"conversations": found})
        return
    for entry in entries:
        say(f"{entry.id}  {entry.turns:3} turns  {plain(entry.title)}")
    if not entries:
        note("no conversation is saved in this library")


def _opened(
    library: Library,
    who: tuple[str, str, str],
    limit: int,
    *,
    ask: bool,
    save: bool,
    resume: str,
) -> Conversation:
    """The conversation, new or resumed."""
    from whenabouts.dialogue import saved
    from whenabouts.dialogue.conversation import Conversation

    thinker = _brain(library, who, limit, ask=ask)
    if resume:
        place = saved.find(library.path, resume)
        turns, waiting = saved.read(place.path)
        if waiting:
            note(f"not answered before it ended: {plain(waiting)}")
        return Conversation(thinker, turns, saved=place)
    return Conversation(thinker, saved=saved.new(library.path) if save else None)


def _brain(library: Library, who: tuple[str, str, str], limit: int, *, ask: bool) -> Brain:
    """The planner, or a chat model over the same tools."""
    from whenabouts.dialogue.brains import open_brain
    from whenabouts.library.watchers import open_watcher
    from whenabouts.weights.hub import shipped_folder

    name, llm, model = who
    if shipped_folder(name):
        note(f"{name} knows drawn shapes only; give --brain the folder of a larger model for films")
    watcher = open_watcher(model, library) if model else None
    return open_brain(library, name, llm=llm, watcher=watcher, limit=limit, asks=ask)


def _with_hands(talk: Conversation, folder: Path, script: str) -> Conversation:
    from whenabouts.app.chat_hands import TerminalHands

    talk.hands = TerminalHands(folder.expanduser(), player=not script and sys.stdin.isatty())
    return talk


def _lines(script: str) -> Iterator[str]:
    """What a script or a pipe says, as it comes: lines without empty ones and comments."""
    if script in ("", "-"):
        yield from _said(getattr(sys.stdin, "buffer", None) or BytesIO(sys.stdin.read().encode()))
        return
    try:
        file = Path(script).expanduser().open("rb")
    except OSError as error:
        raise InputError(f"{script} cannot be read: {error.strerror}") from error
    with file:
        yield from _said(file)


def _said(stream: Iterable[bytes]) -> Iterator[str]:
    for raw in stream:
        line = raw.decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r\n")
        if line.strip() and not line.startswith("#"):
            yield line


def _run(talk: Conversation, texts: Iterable[str], *, json: bool) -> None:
    """Say some texts one after the other, each answered before the next is read."""
    for number, line in enumerate(texts, start=1):
        text = line.strip()[1:] if line.strip() in _SAID else line
        if json:
            print_turn_json(number, text, talk.say(text), talk.id)
            continue
        say(f"> {plain(text)}", style="bold")
        stream = Stream()
        turn = talk.say(text)
        stream.end(turn.text)
        print_moments(turn, "none")


def _talk(talk: Conversation, way: Way) -> None:
    """Ask a person until they leave."""
    editor = _editor()
    note("Say what happens in the video you look for. /help lists commands.", style="dim")
    while True:
        try:
            text = input("> ").strip()
        except EOFError:
            break
        except KeyboardInterrupt:
            print_text("\n")
            continue
        if text in ("/quit", "/exit", "/q"):
            break
        if text == "/pictures":
            way = "none" if way != "none" else way_of(True, out().color_system is not None)
        elif text:
            with suppress(KeyboardInterrupt):  # ends an answer, not the conversation
                _command(talk, text, way)
    _remember(editor)
    if talk.id:
        note(f"kept as {talk.id}; go on with: whenabouts chat --resume {talk.id}", style="dim")


def _command(talk: Conversation, text: str, way: Way) -> None:
    """A command of the screen, or something to say."""
    if text == "/turns":
        for turn in talk.turns:
            say(f"{turn.role}: {plain(turn.text)}", style="dim")
    elif text.startswith("/") and text not in _SAID:
        for name, what in COMMANDS.items():
            say(f"{name:10} {what}", style="dim")
    else:
        _exchange(talk, text.removeprefix("/"), way)


def _exchange(talk: Conversation, text: str, way: Way) -> None:
    stream = Stream()
    turn = talk.say(text, stream)
    stream.end(turn.text)
    print_moments(turn, way)
    if err().is_terminal and turn.memo.get("sure") is False:
        note("not sure", style="yellow")


def _editor() -> Any:
    """Line editing with history and completed commands, where Python has it."""
    try:
        import readline
    except ImportError:  # Windows: the console edits lines by itself
        return None
    names = list(COMMANDS)

    def complete(begun: str, number: int) -> str | None:
        fits = [name for name in names if name.startswith(begun)]
        return fits[number] if begun.startswith("/") and number < len(fits) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    readline.parse_and_bind("tab: complete")
    with suppress(OSError):  # nothing was typed before
        readline.read_history_file(state_folder() / "chat_history")
    return readline


def _remember(editor: Any) -> None:
    if editor is None:
        return
    try:
        state_folder().mkdir(parents=True, exist_ok=True)
        editor.set_history_length(500)
        editor.write_history_file(state_folder() / "chat_history")
    except OSError as error:
        note(f"what was typed cannot be remembered: {error.strerror}")
