"""Find the video, the moment and the answer by talking to your video library.

>>> from whenabouts import open_library                                   # doctest: +SKIP
>>> lib = open_library("my.lib")                                          # doctest: +SKIP
>>> lib.add("~/Videos")                                                   # doctest: +SKIP
>>> lib.search("a dog on a skateboard")[0]                                # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whenabouts.app.notebook import play
    from whenabouts.errors import WhenaboutsError
    from whenabouts.library.library import Library, open_library
    from whenabouts.library.remote import connect
    from whenabouts.types import Encoding, Evidence, Example, Frames, Moment, Span, Turn, Video

__version__ = "0.1.0"

_HOMES = {
    "Encoding": "types",
    "Evidence": "types",
    "Example": "types",
    "Frames": "types",
    "Library": "library.library",
    "Moment": "types",
    "Span": "types",
    "Turn": "types",
    "Video": "types",
    "WhenaboutsError": "errors",
    "connect": "library.remote",
    "open_library": "library.library",
    "play": "app.notebook",
}

__all__ = [
    "Encoding",
    "Evidence",
    "Example",
    "Frames",
    "Library",
    "Moment",
    "Span",
    "Turn",
    "Video",
    "WhenaboutsError",
    "connect",
    "open_library",
    "play",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that `import whenabouts` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'whenabouts' has no attribute {name!r}")
    return getattr(import_module(f"whenabouts.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
