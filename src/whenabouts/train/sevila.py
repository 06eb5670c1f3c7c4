"""Training SeViLA, stage by stage: from a recipe to a folder that answers from key frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.data.qa.samples import DrawnQa, FileQa, QaData, QaSample
from whenabouts.models.device import pick_device
from whenabouts.models.sevila import Sevila
from whenabouts.models.sevila_settings import Sureness
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.train.distributed import Ranks, join
from whenabouts.train.events import Events
from whenabouts.train.instruction_loader import InstructionLoader
from whenabouts.train.kept_eyes import KeptEyes
from whenabouts.train.loop import Logs, Progress, Run, fit
from whenabouts.train.run_folder import add_notes, claim
from whenabouts.train.sevila_check import Checker
from whenabouts.train.sevila_collate import SevilaCollate
from whenabouts.train.sevila_loss import SevilaBatch, SevilaObjective
from whenabouts.train.sevila_recipe import SevilaRecipe
from whenabouts.train.sevila_settle import rank_by_yes, settle
from whenabouts.train.sevila_start import learn_tokens, make_new, new_settings, open_start
from whenabouts.weights.sevila_folder import TOKENIZER, OpenSevila, save_sevila

if TYPE_CHECKING:
    from whenabouts.data.instruct.samples import Samples

CHECKPOINT = "checkpoint"
FLOOR = 0.5
"""Least confidence that is told once it is fitted: below it an answer is more often wrong."""
_NEW = ("sight", "start")
"""Stages in which the localizer is the answerer."""
_DRAWN_MARK = {"split", "duration_s", "scenes"}


def run(
    recipe_path: Path,
    overwrite: Iterable[str] = (),
    *,
    runs: Path = Path("runs"),
    on_progress: Callable[[Progress], None] | None = None,
    stop_after_steps: int | None = None,
) -> Path:
    """Train by a recipe and return the model's folder; a cut-off run goes on where it was.

    Everything goes to `runs/NAME`, as for other objectives; at the end there is `checkpoint`, a
    SeViLA like any other, whose confidence is fitted where the recipe has `validation`.
    """
    recipe = SevilaRecipe.read(recipe_path, overwrite)
    with join(recipe.loop.device) as ranks:
        return _Training(recipe, runs / recipe.name, ranks, on_progress).run(stop_after_steps)


class _Eyes(nn.Module):
    """The tower alone: the norms behind it are learnt, so what stands before them is kept."""

    def __init__(self, vision: nn.Module) -> None:
        super().__init__()
        self.vision, self.vision_norm = vision, nn.Identity()


class _Training:
    """One run, seen from one process."""

    def __init__(
        self,
        recipe: SevilaRecipe,
        folder: Path,
        ranks: Ranks,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.recipe, self.folder, self.ranks = recipe, folder, ranks
        self.on_progress = on_progress if ranks.first else None
        self.device = pick_device(recipe.loop.device)

    def run(self, stop_after_steps: int | None) -> Path:
        """The model's folder."""
        recipe, ranks = self.recipe, self.ranks
        if ranks.first:
            claim(self.folder, recipe, SevilaRecipe.read, self.device, ranks)
        ranks.wait()
        opened = None
        if recipe.start.folder:
            opened, notes = open_start(recipe)
            self._note(notes)
        settings = new_settings(recipe) if opened is None else opened.settings
        frames = recipe.frames.model_copy(update={"size_px": settings.pixels.size_px})
        sets, weights, notes = recipe.data.open(frames)
        self._note(notes)
        opened = opened or self._new(sets)
        self._keep_looks(opened, sets, frames)
        loader = self._loader(sets, weights, (ranks.rank, ranks.size))
        collate = SevilaCollate(opened.settings, opened.tokens)
        model = opened.model
        model.set_trained(recipe.trained)
        model.train()
        objective = SevilaObjective(
            opened.tokens, recipe.learns, recipe.labels, recipe.reads, recipe.key_frames
        )
        checker = self._checker(opened, collate, frames)
        loop = recipe.steps()
        done = fit(
            Run(
                model,
                objective,
                lambda first_step: self._feed(loader, collate, first_step),
                loop,
                self.folder,
                None if checker is None else lambda whole: self._told(checker, whole),
                self._teller(),
                ranks=ranks,
            ),
            stop_after_steps,
        )
        if done == loop.steps and ranks.first:
            self._finish(opened, checker)
        ranks.wait()
        return self.folder / CHECKPOINT

    def _new(self, sets: Sequence[FileQa | DrawnQa]) -> OpenSevila:
        """A new model; its tokenizer is learnt once a run."""
        path = self.folder / TOKENIZER
        if self.ranks.first and not (self.folder / "state.safetensors").exists():
            learn_tokens(self.recipe, sets).save(path)
        self.ranks.wait()
        return make_new(self.recipe, T5Tokens.read(path))

    def _keep_looks(
        self, opened: OpenSevila, sets: Sequence[FileQa | DrawnQa], frames: FrameSettings
    ) -> None:
        """Let drawn videos be seen once, where the recipe wants it."""
        if self.recipe.eyes is None:
            return
        for one in sets:
            if isinstance(one, DrawnQa):
                about = one.settings.model_dump_json(include=_DRAWN_MARK)
                about += frames.model_dump_json()
                eyes, pixels = _Eyes(opened.model.vision), opened.settings.pixels
                one.eyes = KeptEyes(eyes, pixels, self.recipe.eyes, about)

    def _loader(
        self,
        sets: Sequence[FileQa | DrawnQa],
        weights: Sequence[float],
        part: tuple[int, int] = (0, 1),
    ) -> InstructionLoader:
        """The loader of instructions serves: it asks no more of a sample than what these have."""
        return InstructionLoader(
            cast("Sequence[Samples]", sets), self.recipe.loader, list(weights), part
        )

    def _feed(
        self, loader: InstructionLoader, collate: SevilaCollate, first_step: int
    ) -> Iterator[SevilaBatch]:
        for loaded in loader.stream(first_step):
            batch, notes = collate(cast("Sequence[QaSample]", loaded.samples))
            self._note([*loaded.notes, *notes])
            yield batch.to(self.device)

    def _checker(
        self, opened: OpenSevila, collate: SevilaCollate, frames: FrameSettings
    ) -> Checker | None:
        """Figures on the same batches each time, their frames evenly spread."""
        recipe = self.recipe
        if recipe.validation is None or not self.ranks.first:
            return None
        calm = frames.model_copy(
            update={"way": "middle", "crop": "whole", "frames": recipe.validate_frames}
        )
        sets, weights, notes = _whole(recipe.validation).open(calm)
        self._note(notes)
        self._keep_looks(opened, sets, calm)
        loader = self._loader(sets, weights)
        batches = [
            collate(cast("Sequence[QaSample]", loader.batch(step).samples))[0].to(self.device)
            for step in range(recipe.validate_batches)
        ]
        return Checker(batches, opened.tokens, recipe.key_frames)

    def _told(self, checker: Checker, model: nn.Module) -> Logs:
        sevila = cast(Sevila, model)
        if self.recipe.learns in _NEW:
            sevila.localizer_as_answerer()
            rank_by_yes(sevila, checker.tokens)
        return {f"val.{name}": value for name, value in checker.figures(sevila).items()}

    def _note(self, notes: Sequence[str]) -> None:
        """Each process may see other samples; the first one's are written down."""
        if notes and self.ranks.first:
            add_notes(self.folder, notes)

    def _teller(self) -> Callable[[Progress], None]:
        wanted = self.recipe.tensorboard and self.ranks.first
        events = Events(self.folder / "events") if wanted else None

        def tell(progress: Progress) -> None:
            if events is not None:
                events.write(progress)
            if self.on_progress is not None:
                self.on_progress(progress)

        return tell

    def _finish(self, opened: OpenSevila, checker: Checker | None) -> None:
        """The folder of the trained model."""
        recipe, model = self.recipe, opened.model.eval()
        if recipe.learns in _NEW:
            model.localizer_as_answerer()
            rank_by_yes(model, opened.tokens)
        if recipe.learns == "sight":
            settle(model, opened.tokens, torch.Generator().manual_seed(recipe.seed))
        told = [*recipe.data.sets, *(["shape world"] if recipe.data.drawn else [])]
        changes: dict[str, Any] = {
            "name": recipe.name,
            "source": f"trained on {', '.join(told)} from {recipe.start.folder or 'nothing'}",
            "key_frames": recipe.key_frames,
        }
        if checker is not None:
            scale = checker.scale(model)
            changes["sure"] = Sureness(scale=scale, floor=FLOOR, fitted=True)
        settings = opened.settings.model_copy(update=changes)
        tensors = model.state_dict()
        if recipe.half:
            tensors = {name: value.half() for name, value in tensors.items()}
        save_sevila(self.folder / CHECKPOINT, settings, tensors, opened.tokens)


def _whole(data: QaData) -> QaData:
    """All frames of drawn videos, and each question with its options."""
    if data.drawn is None:
        return data
    drawn = data.drawn.model_copy(update={"taken": 0, "open": 0.0})
    return data.model_copy(update={"drawn": drawn})
