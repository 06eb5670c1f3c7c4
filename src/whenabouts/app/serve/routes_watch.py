"""Questions about one video. What takes longer than the caller waits becomes a job."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from whenabouts.app.serve.answers import JobAnswer, ModelsAnswer, WatchAnswer
from whenabouts.app.serve.forms import AskForm, CaptionForm, GroundForm, HighlightsForm
from whenabouts.app.serve.lanes import Lanes
from whenabouts.app.serve.names import find_video
from whenabouts.app.serve.problems import ConflictError, Json, told
from whenabouts.app.serve.routes_jobs import waited
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.wiring import lanes_of, shelf_of
from whenabouts.errors import InputError
from whenabouts.library.query import checked

router = APIRouter(prefix="/api/v1", tags=["watch"])
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
LanesHere = Annotated[Lanes, Depends(lanes_of)]
ANSWERS = {
    200: {"model": WatchAnswer},
    202: {"model": JobAnswer, "description": "Not ready yet: the job."},
    **told(400, 404, 409, 415, 422, 429, 500, 501),
}
_Form = GroundForm | HighlightsForm | CaptionForm | AskForm


@router.get(
    "/models",
    operation_id="models",
    summary="Who can watch a video",
    responses={200: {"model": ModelsAnswer}},
)
async def models(shelf: ShelfHere) -> Response:
    """Names for `model`, and what each can do."""
    known = await shelf.run(shelf.watchers.known)
    return Json(
        {
            "models": [
                {
                    "name": one.name,
                    "title": one.name,
                    "kind": one.kind,
                    "about": one.about,
                    "can": list(one.can),
                }
                for one in known
            ]
        }
    )


@router.post(
    "/ground", operation_id="ground", summary="When does it happen in a video?", responses=ANSWERS
)
async def ground(form: GroundForm, shelf: ShelfHere, lanes: LanesHere) -> Response:
    """Moments of one video that fit a description (moment retrieval)."""
    return await _asked("ground", form, shelf, lanes)


@router.post(
    "/highlights", operation_id="highlights", summary="What matters in a video?", responses=ANSWERS
)
async def highlights(form: HighlightsForm, shelf: ShelfHere, lanes: LanesHere) -> Response:
    """A saliency curve and its peaks (highlight detection)."""
    return await _asked("highlights", form, shelf, lanes)


@router.post(
    "/caption", operation_id="caption", summary="What happens when in a video?", responses=ANSWERS
)
async def caption(form: CaptionForm, shelf: ShelfHere, lanes: LanesHere) -> Response:
    """Events with their times (dense captioning). Needs a video LLM."""
    return await _asked("caption", form, shelf, lanes)


@router.post("/ask", operation_id="ask", summary="Ask about a video", responses=ANSWERS)
async def ask(form: AskForm, shelf: ShelfHere, lanes: LanesHere) -> Response:
    """A free answer, or one of the choices. Needs a video LLM."""
    return await _asked("ask", form, shelf, lanes)


async def _asked(kind: str, form: _Form, shelf: Shelf, lanes: Lanes) -> Response:
    await shelf.run(lambda: find_video(shelf.library, form.video))
    shelf.know(form.model)
    _check_words(form)
    if isinstance(form, AskForm):
        _check_asking(form, shelf)
    request = form.model_dump(mode="json", exclude={"wait_s"})
    return await waited(lanes.add(kind, request), form.wait_s)


def _check_words(form: _Form) -> None:
    """Text that the schema allows and that means nothing: refused before a job is made of it."""
    texts = [getattr(form, name, "") for name in ("query", "question")]
    try:
        for text in (*texts, *getattr(form, "choices", ())):
            if text:
                checked(text)
    except InputError as error:
        raise ConflictError(str(error)) from error


def _check_asking(form: AskForm, shelf: Shelf) -> None:
    kinds = {one.name: one.kind for one in shelf.watchers.known()}
    if form.key_frames is not None and kinds.get(form.model) != "sevila":
        raise ConflictError("only a SeViLA looks for key frames; leave key_frames out")
    if len(form.choices) == 1:
        raise ConflictError("one choice is none; give two to five, or none at all")
