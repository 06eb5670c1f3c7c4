"""A conversation about a library behind a server; the same methods as one about a library here."""

from __future__ import annotations

from collections.abc import Callable

from whenabouts.errors import StoreError
from whenabouts.library.wire import Wire, error_of
from whenabouts.types import Turn


class RemoteConversation:
    """Turns that the server keeps; see `Conversation`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.id: str = wire.post("/chats", {})["id"]
        """Under this name the server keeps it; `/?chat=ID` of its page shows it."""
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far, user and assistant by turns."""
        return tuple(self._turns)

    def say(self, text: str, on_text: Callable[[str], None] | None = None) -> Turn:
        """The assistant's answer to what the user says; `on_text` hears it grow."""
        for name, value in self._wire.events(f"/chats/{self.id}/turns", {"text": text}):
            if name == "text" and on_text is not None:
                on_text(value["text"])
            elif name == "problem":
                raise error_of(value["kind"], value["detail"], value["status"])
            elif name == "turn":
                request = {"request": value["request"]} if value.get("request") else {}
                turn = Turn.from_json({**value, "memo": request})
                self._turns += [Turn("user", text), turn]
                return turn
        raise StoreError(f"{self._wire.url} broke off in the middle of an answer; say it again")
