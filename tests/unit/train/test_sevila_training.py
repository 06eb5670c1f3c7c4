"""SeViLA's stages on drawn videos: what they change, that they learn, and that they go on."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tiny_sevila as tiny
import torch

from whenabouts.errors import DataError, SettingsError
from whenabouts.systems.sevila import Asked, open_answerer
from whenabouts.train.sevila import run
from whenabouts.train.sevila_recipe import SevilaRecipe
from whenabouts.weights.sevila_folder import open_sevila, save_sevila

DRAWN = """
[data.drawn]
videos = 6
duration_s = [8.0, 12.0]
scenes = [2, 3]
kinds = ["descriptive"]
options = 3
"""
LOOP = """
[loader]
batch = 2
workers = 0

[loop]
steps = {steps}
learning_rate = 2e-3
warmup_steps = 2
precision = "fp32"
threads = 1
log_every_steps = 1
checkpoint_every_s = 1000
validate_every_steps = 1000
"""


@pytest.fixture
def start(tmp_path) -> Path:
    """A random model to start from."""
    model = tiny.network(3)
    save_sevila(tmp_path / "start", tiny.settings(), model.state_dict(), tiny.tokens())
    return tmp_path / "start"


def recipe(folder: Path, name: str, start: Path | str, steps: int, extra: str, more: str = DRAWN):
    """A recipe file of one stage."""
    path = folder / f"{name}.toml"
    head = f'objective = "sevila"\nname = "{name}"\nkey_frames = 2\n{extra}\n'
    frames = '[frames]\nframes = 6\nway = "middle"\n'
    begin = f'[start]\nfolder = "{start}"\n' if start else ""
    path.write_text(head + frames + begin + more + LOOP.format(steps=steps), encoding="utf-8")
    return path


def losses(folder: Path) -> list[float]:
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def changed(before: Path, after: Path) -> set[str]:
    """Parts of which any weight is another one."""
    one, other = (open_sevila(path).model.state_dict() for path in (before, after))
    return {name.split(".")[0] for name in one if not torch.equal(one[name], other[name])}


@pytest.mark.parametrize(
    ("extra", "parts"),
    [
        ('learns = "localizer"', {"localizer"}),
        ('learns = "localizer"\nlabels = "answerer"', {"localizer"}),
        ('learns = "answerer"', {"answerer"}),
        ('learns = "answerer"\nreads = "all"', {"answerer"}),
        ('learns = "answerer"\nreads = "each"', {"answerer"}),
        ('learns = "answerer"\nreads = "true"', {"answerer"}),
    ],
)
def test_a_stage_changes_its_head_alone(tmp_path, start, extra, parts):
    made = run(recipe(tmp_path, "stage", start, 2, extra), runs=tmp_path / "runs")
    assert changed(start, made) == parts


def test_a_few_dozen_steps_lower_the_loss(tmp_path):
    """From nothing: language model and answerer learn to answer and to say yes and no."""
    settings = tiny.settings()
    model = settings.model_dump(mode="json", exclude={"format", "kind"})
    model["sizes"]["language"]["vocab_tokens"] = 600
    table = tmp_path / "model.json"
    table.write_text(json.dumps(model), encoding="utf-8")
    path = recipe(
        tmp_path, "scratch", "", 40, 'learns = "start"\nreads = "true"', DRAWN + _model_toml(model)
    )
    made = run(path, runs=tmp_path / "runs")
    found = losses(tmp_path / "runs" / "scratch")
    assert len(found) == 40
    assert sum(found[-5:]) < 0.6 * sum(found[:5])
    opened = open_sevila(made)
    assert opened.tokens.vocab_tokens == opened.settings.sizes.language.vocab_tokens
    answerer, localizer = (
        head.state_dict() for head in (opened.model.answerer, opened.model.localizer)
    )
    assert all(torch.equal(value, localizer[name]) for name, value in answerer.items())


def _model_toml(model: dict) -> str:
    """The tables of a new model, without eyes of another one."""
    sizes = model["sizes"]
    lines = ["[fresh]", 'vision = ""', "tokenizer_videos = 3", "[model]"]
    lines += [f"{k} = {json.dumps(model[k])}" for k in ("name", "frames", "key_frames")]
    lines += [f"text_tokens = {model['text_tokens']}"]
    lines += ["[model.pixels]", "size_px = 28", 'fit = "squash"']
    for part, values in sizes.items():
        lines.append(f"[model.sizes.{part}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def test_a_run_that_was_cut_off_goes_on_as_if_not(tmp_path, start):
    extra = 'learns = "localizer"\n'
    whole = run(recipe(tmp_path, "whole", start, 6, extra), runs=tmp_path / "runs")
    path = recipe(tmp_path, "parts", start, 6, extra)
    run(path, runs=tmp_path / "runs", stop_after_steps=2)
    parts = run(path, runs=tmp_path / "runs")
    one, other = (open_sevila(folder).model.state_dict() for folder in (whole, parts))
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    assert losses(tmp_path / "runs" / "whole") == losses(tmp_path / "runs" / "parts")


def test_validation_tells_figures_and_fits_the_confidence(tmp_path, start):
    more = DRAWN + DRAWN.replace("[data.drawn]", "[validation.drawn]") + 'split = "val"\n'
    extra = 'learns = "answerer"\nvalidate_batches = 2\nvalidate_frames = 6\nhalf = true\n'
    made = run(recipe(tmp_path, "checked", start, 2, extra, more), runs=tmp_path / "runs")
    with (tmp_path / "runs" / "checked" / "metrics.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    for name in ("located", "uniform", "true", "frames", "best"):
        assert 0 <= float(last[f"val.{name}"]) <= 100
    sure = open_sevila(made).settings.sure
    assert sure.fitted
    assert sure.floor == 0.5
    assert {value.dtype for value in open_sevila(made).model.parameters()} == {torch.float16}
    pixels = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 3), np.uint8)
    found = []
    for precision in ("stored", "float32"):
        answerer = open_answerer(made, precision)
        seen = answerer.look(pixels, range(4))
        found.append(answerer.ask(seen, Asked("what?", ("red", "blue"))))
    assert found[0].confidence == pytest.approx(found[1].confidence, abs=0.02)


def test_what_the_tower_sees_is_kept(tmp_path, start):
    extra = f'learns = "localizer"\neyes = "{tmp_path / "eyes"}"\n'
    more = DRAWN + "taken = 3\ninside = 0.5\nqueries = 0.5\n"
    seen = run(recipe(tmp_path, "eyes", start, 3, extra, more), runs=tmp_path / "runs")
    kept = list((tmp_path / "eyes").rglob("*.npy"))
    assert 1 <= len(kept) <= 6
    assert changed(start, seen) == {"localizer"}


def test_the_localizer_can_begin_as_the_answerer(tmp_path, start):
    more = DRAWN.replace("[data.drawn]", 'localizer = "answerer"\n[data.drawn]')
    path = recipe(tmp_path, "copy", start, 1, 'learns = "answerer"', more)
    opened = open_sevila(run(path, runs=tmp_path / "runs"))
    before = open_sevila(start).model.answerer.state_dict()
    localizer = opened.model.localizer.state_dict()
    assert all(torch.equal(value, localizer[name]) for name, value in before.items())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["learns=answerer", "labels=answerer"], "learns=localizer"),
        (["eyes=kept", "frames.crop=random"], "whole"),
        (["start.folder="], "either start.folder"),
        (["start.localizer=blip2"], "published"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path, changes, told):
    path = recipe(tmp_path, "odd", "somewhere", 1, 'learns = "localizer"')
    assert SevilaRecipe.read(path).trained == ("localizer",)
    with pytest.raises(SettingsError, match=told):
        SevilaRecipe.read(path, changes)


def test_queries_alone_teach_no_answers(tmp_path, start):
    more = DRAWN + "queries = 1.0\n"
    path = recipe(tmp_path, "queries", start, 1, 'learns = "answerer"', more)
    with pytest.raises(DataError, match="no answer to learn"):
        run(path, runs=tmp_path / "runs")
