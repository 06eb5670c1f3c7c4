"""Which brain answers: the planner, the planner with a model that looks, or a chat model."""

from __future__ import annotations

from pathlib import Path

from whenabouts.catalog import part
from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.picking import PickingBrain
from whenabouts.dialogue.planner import Planner
from whenabouts.dialogue.tools_brain import ToolsBrain
from whenabouts.errors import InputError
from whenabouts.library.library import Library
from whenabouts.protocols import Brain, Watcher
from whenabouts.weights.hub import precision_of, shipped_folder

PLANNER = "planner"


def open_brain(
    library: Library,
    name: str = PLANNER,
    *,
    llm: str = "",
    watcher: Watcher | None = None,
    limit: int = 10,
    asks: bool = True,
) -> Brain:
    """A brain for conversations about one library.

    Args:
        library: what is talked about.
        name: `planner`; `http...`, the address of an OpenAI-compatible server; or the folder of an
            IVCR model (`tiny-ivcr` is in the package) or of a chat model for transformers.
        llm: the name of the model at that address.
        watcher: a video model for questions about what videos show.
        limit: results of a list.
        asks: whether the planner may ask back.
    """
    desk = Desk(library, watcher)
    planner = Planner(desk, limit=limit, asks=asks)
    if name in ("", PLANNER):
        return planner
    if name.startswith(("http://", "https://")):
        from whenabouts.dialogue.endpoint import Endpoint

        return ToolsBrain(planner, Endpoint(name, llm))
    shipped = shipped_folder(name)
    place = shipped or Path(name).expanduser()
    if (place / "settings.toml").is_file():
        from whenabouts.library.dialogue_picker import open_picker

        precision = precision_of(shipped, "stored")
        return PickingBrain(planner, open_picker(place, library, precision=precision))
    if (place / "config.json").is_file():
        return ToolsBrain(planner, part("chat-model", "transformers")(place))
    raise InputError(
        f"{name!r} is no brain; give planner, the address of a server (http://...), "
        "or the folder of a model"
    )
