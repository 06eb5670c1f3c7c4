"""Conversations about the whole library; answers come as they grow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from whenabouts.app.serve.answers import ChatAnswer, ChatsAnswer, TurnAnswer
from whenabouts.app.serve.chats import CHAT_ID, Chat, Chats, turn_json
from whenabouts.app.serve.forms import Words, example
from whenabouts.app.serve.problems import ConflictError, Json, status_of, told
from whenabouts.app.serve.routes_jobs import event, events_of
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.wiring import chats_of, shelf_of
from whenabouts.errors import WhenaboutsError
from whenabouts.types import Turn

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
ChatsHere = Annotated[Chats, Depends(chats_of)]
ChatId = Annotated[
    str,
    Path(
        pattern=CHAT_ID,
        examples=["20261121-031500-00ff00"],
        json_schema_extra={"format": "chat-id"},
    ),
]


class SayForm(BaseModel):
    """What the user says."""

    model_config = example(text="Find the video with the red star.")

    text: Words


@router.post(
    "",
    operation_id="newChat",
    summary="Begin a conversation",
    status_code=201,
    responses={201: {"model": ChatAnswer}},
)
async def new(chats: ChatsHere, shelf: ShelfHere) -> Response:
    """Empty at first."""
    chat = await shelf.run(chats.new)
    return Json(chat.to_json(), 201, {"location": f"/api/v1/chats/{chat.talk.id}"})


@router.get(
    "",
    operation_id="chats",
    summary="Earlier conversations",
    responses={200: {"model": ChatsAnswer}, **told(422)},
)
async def latest(
    chats: ChatsHere, shelf: ShelfHere, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Response:
    """Newest first."""
    return Json({"chats": await shelf.run(lambda: chats.latest(limit))})


@router.get(
    "/{chat}",
    operation_id="chat",
    summary="One conversation",
    responses={200: {"model": ChatAnswer}, **told(404, 422)},
)
async def one(chat: ChatId, chats: ChatsHere, shelf: ShelfHere) -> Response:
    """All its turns."""
    found = await shelf.run(lambda: chats.get(chat))
    return Json(found.to_json())


@router.delete(
    "/{chat}",
    operation_id="deleteChat",
    summary="Forget a conversation",
    status_code=204,
    responses=told(404, 422),
)
async def remove(chat: ChatId, chats: ChatsHere, shelf: ShelfHere) -> Response:
    """It is gone for good."""
    await shelf.run(lambda: chats.remove(chat))
    return Response(status_code=204)


@router.post(
    "/{chat}/turns",
    operation_id="say",
    summary="Say something",
    responses={
        200: {
            "model": TurnAnswer,
            "description": "The answer, or events `text`, `turn` and `problem` where the caller "
            "accepts `text/event-stream`.",
            "content": events_of("text", "turn", "problem"),
        },
        **told(400, 404, 409, 422),
    },
)
async def say(
    chat: ChatId, form: SayForm, chats: ChatsHere, shelf: ShelfHere, request: Request
) -> Response:
    """The assistant's turn. A conversation takes one turn at a time."""
    found = await shelf.run(lambda: chats.get(chat))
    if not found.busy.acquire(blocking=False):
        raise ConflictError("the last turn is still being answered; wait for it")
    reply = _Reply(found, form.text)
    if "text/event-stream" in request.headers.get("accept", ""):
        headers = {"x-accel-buffering": "no"}
        return StreamingResponse(reply.events(), 200, headers, "text/event-stream")
    turn = await anyio.to_thread.run_sync(lambda: reply.turn(lambda _: None))
    return Json(turn_json(turn))


class _Reply:
    """One answer on its way."""

    def __init__(self, chat: Chat, text: str) -> None:
        self._chat, self._text = chat, text

    def turn(self, on_text: Callable[[str], None]) -> Turn:
        """The answer; both turns are kept."""
        try:
            return self._chat.say(self._text, on_text)
        finally:
            self._chat.busy.release()

    async def events(self) -> AsyncIterator[str]:
        """The answer as it grows. What was said is kept even if nobody listens any more."""
        loop = asyncio.get_running_loop()
        news: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

        def tell(name: str, value: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(news.put_nowait, (name, value))

        def work() -> None:
            try:
                turn = self.turn(lambda text: tell("text", {"text": text}))
                tell("turn", turn_json(turn))
            except WhenaboutsError as error:
                kind = type(error).__name__.removesuffix("Error")
                tell("problem", {"status": status_of(error), "detail": str(error), "kind": kind})
            except Exception:
                tell(
                    "problem", {"status": 500, "detail": "a fault of the program", "kind": "Fault"}
                )
                raise

        thread = loop.run_in_executor(None, work)
        name = ""
        while name not in ("turn", "problem"):
            name, value = await news.get()
            yield event(name, value)
        await thread
