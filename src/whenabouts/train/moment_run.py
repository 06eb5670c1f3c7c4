"""What `whenabouts evaluate` does with a recipe of Moment-DETR."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from whenabouts.catalog import PARTS, part
from whenabouts.errors import InputError, SettingsError
from whenabouts.evaluate.moments import evaluate
from whenabouts.evaluate.report import Report
from whenabouts.library.encoders import open_encoder
from whenabouts.systems.moment_detr import MomentGrounder
from whenabouts.systems.peaks import Peaks
from whenabouts.train.moment_recipe import MomentRecipe
from whenabouts.weights.moment_folder import TINY_FOLDER, is_moments


def compare(
    recipe_path: Path,
    overwrite: Iterable[str],
    model: str,
    runs: Path,
    on_done: Callable[[int, int], None] | None = None,
) -> tuple[Report, dict[str, Any]]:
    """Figures of a model and of `peaks` on the same vectors, each on one core, and what of.

    `model` is a folder or a name; empty: the checkpoint that the recipe's run left in `runs`.

    Raises:
        InputError: there is no such model.
        SettingsError: the recipe has no drawn videos.
    """
    recipe = MomentRecipe.read(recipe_path, overwrite)
    if recipe.drawn is None:
        raise SettingsError(
            f"{recipe_path} trains on feature files; write its windows and score them: "
            "whenabouts score moment-retrieval"
        )
    encoder = open_encoder(recipe.drawn.encoder)
    grounder = MomentGrounder(_folder(recipe, model, runs), threads=1)
    if grounder.fingerprint != encoder.fingerprint:
        raise InputError(f"{grounder.name} reads vectors of another encoder than {encoder.name}")
    rivals = {"peaks": Peaks(None, 1.0 / encoder.sampling.rate_hz), grounder.name: grounder}
    report = evaluate(rivals, encoder, recipe.evaluate, recipe.kept, on_done)
    facts = {
        "model": grounder.name,
        "encoder": encoder.name,
        "fingerprint": encoder.fingerprint,
        "settings": recipe.evaluate.model_dump(mode="json"),
    }
    return report, facts


def _folder(recipe: MomentRecipe, model: str, runs: Path) -> Path:
    place = Path(model).expanduser() if model else runs / recipe.name / "checkpoint"
    if is_moments(place):
        return place
    if model in PARTS["grounder"] and part("grounder", model).__module__.endswith("moment_detr"):
        return TINY_FOLDER
    raise InputError(
        f"{model or place} is no Moment-DETR of ours; train one: whenabouts train RECIPE, or name "
        "one: --model tiny-moment-detr"
    )
