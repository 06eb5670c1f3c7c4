"""Training a video LLM by instructions: from a recipe to a folder that answers questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from whenabouts.data.instruct.drawn import KINDS_IN_VIEW, DrawnSamples
from whenabouts.data.instruct.drawn_dialogues import DrawnDialogues
from whenabouts.data.instruct.records import Numbers
from whenabouts.data.instruct.samples import Samples
from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.errors import SettingsError
from whenabouts.models.device import pick_device
from whenabouts.models.frame_texts import FrameTextMaker
from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.train.dialogue_collate import DialogueCollate
from whenabouts.train.dialogue_loss import DialogueObjective
from whenabouts.train.distributed import Ranks, join
from whenabouts.train.events import Events
from whenabouts.train.frame_view import InView
from whenabouts.train.guided_targets import TargetFinder
from whenabouts.train.instruction_collate import Collate, VideoLlmBatch
from whenabouts.train.instruction_loader import InstructionLoader
from whenabouts.train.instruction_loss import InstructionObjective
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.train.instruction_start import (
    learn_tokens,
    make_new,
    new_settings,
    new_tokens,
    open_start,
)
from whenabouts.train.kept_eyes import KeptEyes
from whenabouts.train.loop import Logs, Progress, Run, fit
from whenabouts.train.run_folder import add_notes, claim
from whenabouts.train.sharding import shard_frozen, whole_tensors
from whenabouts.weights.video_llm_folder import (
    TOKENIZER,
    OpenVideoLlm,
    save_video_llm,
)

CHECKPOINT = "checkpoint"


def run(
    recipe_path: Path,
    overwrite: Iterable[str] = (),
    *,
    runs: Path = Path("runs"),
    on_progress: Callable[[Progress], None] | None = None,
    stop_after_steps: int | None = None,
) -> Path:
    """Train by a recipe and return the model's folder; a cut-off run goes on where it was.

    Everything goes to `runs/NAME`: `recipe.toml`, `about.json` (code and machine), `notes.txt`
    (what is odd about data and start), `tokenizer.model` of a new model, `metrics.csv`,
    `state.safetensors` (what is trained, not what is frozen), and at the end `checkpoint`, a video
    LLM like any other. Several processes started by `torchrun` share one run.
    """
    recipe = InstructionRecipe.read(recipe_path, overwrite)
    with join(recipe.loop.device) as ranks:
        return _Training(recipe, runs / recipe.name, ranks, on_progress).run(stop_after_steps)


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    opened: OpenVideoLlm
    collate: Collate


class _Training:
    """One run, seen from one process."""

    def __init__(
        self,
        recipe: InstructionRecipe,
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
            claim(self.folder, recipe, InstructionRecipe.read, self.device, ranks)
        ranks.wait()
        opened = None
        if recipe.start.folder:
            opened, notes = open_start(recipe)
            self._note(notes)
        settings = new_settings(recipe) if opened is None else opened.settings
        frames = self._frames(settings)
        numbers: Numbers = "tokens" if settings.time_tokens else "plain"
        told = bool(recipe.in_view)
        sets, weights, notes = recipe.data.open(frames, numbers, tells_view=told)
        self._note(notes)
        network = self._network(opened or self._new(sets))
        self._keep_looks(network.opened, sets, frames)
        part = (ranks.rank, ranks.size)
        loader = InstructionLoader(sets, recipe.loader, weights, part)
        model = network.opened.model
        model.set_trained(recipe.trained)
        model.widen_trained()
        model.recompute(recipe.recompute)
        if recipe.shard:
            shard_frozen(model, ranks, self.device)
        model.train()
        kind = DialogueObjective if settings.talk == "dialogue" else InstructionObjective
        objective = kind(
            network.opened.tokens,
            time_loss=recipe.time_loss,
            guided=recipe.guided,
            in_view=self._in_view(settings),
            answer_power=recipe.answer_power,
        )
        loop = recipe.steps()
        done = fit(
            Run(
                model,
                objective,
                lambda first_step: self._feed(loader, network.collate, first_step),
                loop,
                self.folder,
                self._validation(network, objective, frames, numbers),
                self._teller(),
                ranks=ranks,
                together=recipe.shard,
            ),
            stop_after_steps,
        )
        if done == loop.steps:
            tensors = whole_tensors(model)
            if ranks.first:
                self._finish(network.opened, tensors)
        ranks.wait()
        return self.folder / CHECKPOINT

    def _keep_looks(
        self, opened: OpenVideoLlm, sets: Sequence[Samples], frames: FrameSettings
    ) -> None:
        """Let drawn videos be seen once, where the recipe wants it."""
        if self.recipe.eyes is None:
            return
        for one in sets:
            if isinstance(one, DrawnSamples | DrawnDialogues):
                about = one.settings.model_dump_json(include={"split", "duration_s", "scenes"})
                about += frames.model_dump_json()
                pixels = opened.settings.pixels
                one.eyes = KeptEyes(opened.model, pixels, self.recipe.eyes, about)

    def _in_view(self, settings: VideoLlmSettings) -> InView | None:
        """What tells from a frame's tokens what it shows; begins at random."""
        if not self.recipe.in_view:
            return None
        width = settings.sizes.frame_qformer.width
        return InView(width, KINDS_IN_VIEW, self.recipe.in_view, self.recipe.seed)

    def _frames(self, settings: VideoLlmSettings) -> FrameSettings:
        """Frames in the size of the model; not more than it knows places for."""
        frames, size = self.recipe.frames, settings.pixels.size_px
        if "size_px" in frames.model_fields_set and frames.size_px != size:
            raise SettingsError(
                f"frames.size_px is {frames.size_px}, {settings.name} takes {size}; remove it"
            )
        if frames.frames > settings.sizes.frame_positions:
            raise SettingsError(
                f"frames.frames is {frames.frames}, {settings.name} knows "
                f"{settings.sizes.frame_positions} places; lower it"
            )
        return frames.model_copy(update={"size_px": size})

    def _new(self, sets: Sequence[Samples]) -> OpenVideoLlm:
        """A new model; its tokenizer is learnt once a run."""
        path, settings = self.folder / TOKENIZER, new_settings(self.recipe)
        if self.ranks.first and not (self.folder / "state.safetensors").exists():
            path.write_bytes(learn_tokens(self.recipe, sets))
        self.ranks.wait()
        return make_new(self.recipe, new_tokens(path.read_bytes(), settings))

    def _network(self, opened: OpenVideoLlm) -> _Network:
        recipe, settings = self.recipe, opened.settings
        if recipe.time_loss and not settings.time_tokens:
            raise SettingsError(
                f"time_loss is about time tokens, and {settings.name} writes plain numbers; "
                "switch it off"
            )
        find = None
        if recipe.guided is not None:
            recipe.guided.fits(settings.sizes)
            find = TargetFinder(
                opened.tokens,
                time_tokens=settings.time_tokens,
                questions=recipe.guided.questions,
            )
        kind = DialogueCollate if settings.talk == "dialogue" else Collate
        collate = kind(
            settings.sizes,
            settings.pixels,
            opened.tokens,
            FrameTextMaker(settings, opened.tokens, opened.timestamps),
            recipe.text_tokens,
            settings.time_tokens,
            recipe.pack,
            find,
            settings.frame_message,
        )
        if isinstance(collate, DialogueCollate):
            collate = replace(collate, system=settings.system)
        return _Network(opened, collate)

    def _feed(
        self, loader: InstructionLoader, collate: Collate, first_step: int
    ) -> Iterator[VideoLlmBatch]:
        for loaded in loader.stream(first_step):
            batch = collate(loaded.samples)
            self._note([*loaded.notes, *batch.notes])
            yield batch.to(self.device)

    def _note(self, notes: Sequence[str]) -> None:
        """Each process may see other samples; the first one's are written down."""
        if notes and self.ranks.first:
            add_notes(self.folder, notes)

    def _validation(
        self,
        network: _Network,
        objective: InstructionObjective,
        frames: FrameSettings,
        numbers: Numbers,
    ) -> Callable[[nn.Module], Logs] | None:
        """The mean loss of the same batches each time, their frames evenly spread."""
        recipe = self.recipe
        if recipe.validation is None:
            return None
        calm = frames.model_copy(update={"way": "uniform", "crop": "whole"})
        sets, weights, notes = recipe.validation.open(calm, numbers)
        self._keep_looks(network.opened, sets, calm)
        self._note(notes)
        loader = InstructionLoader(sets, recipe.loader, weights)

        @torch.no_grad()
        def validate(model: nn.Module) -> Logs:
            rows: list[Logs] = []
            for step in range(recipe.validate_batches):
                batch = network.collate(loader.batch(step).samples).to(self.device)
                _, logs = objective.loss(cast(VideoLlm, model), batch)
                rows.append(logs)
            return {f"val.{name}": sum(r[name] for r in rows) / len(rows) for name in rows[0]}

        return validate

    def _teller(self) -> Callable[[Progress], None]:
        recipe = self.recipe
        wanted = recipe.tensorboard and self.ranks.first
        events = Events(self.folder / "events") if wanted else None

        def tell(progress: Progress) -> None:
            if events is not None:
                events.write(progress)
            if self.on_progress is not None:
                self.on_progress(progress)

        return tell

    def _finish(self, opened: OpenVideoLlm, tensors: dict[str, Tensor]) -> None:
        """The folder of the trained model."""
        recipe = self.recipe
        told = recipe.data.names
        settings = opened.settings.model_copy(
            update={
                "name": recipe.name,
                "source": f"trained on {', '.join(told)} from {recipe.start.folder or 'nothing'}",
                "frames": min(recipe.frames.frames, opened.settings.sizes.frame_positions),
            }
        )
        place = self.folder / CHECKPOINT
        if recipe.half:
            tensors = {name: value.half() for name, value in tensors.items()}
        save_video_llm(place, settings, tensors, opened.tokens, opened.timestamps)
