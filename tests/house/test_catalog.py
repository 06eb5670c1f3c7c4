"""Every line of the catalog opens: strings are invisible to the type checker and import rules."""

import importlib
import inspect
import tomllib
from pathlib import Path

import pytest

from whenabouts import catalog, protocols
from whenabouts.errors import InputError, MissingPartError

LINES = [(kind, name) for kind, parts in catalog.PARTS.items() for name in parts]
PROTOCOLS = {
    "encoder": protocols.Encoder,
    "text_reader": protocols.TextReader,
    "grounder": protocols.Grounder,
}
"""Kinds whose parts open without arguments; the others are checked by their own suites."""


def test_there_are_lines_of_the_kinds_a_search_needs():
    assert {"encoder", "grounder", "text_reader"} <= {kind for kind, _ in LINES}


@pytest.mark.parametrize(("kind", "name"), LINES)
def test_line_names_a_callable_that_says_what_it_is(kind, name):
    made = catalog.part(kind, name)
    assert callable(made)
    assert inspect.getdoc(made)
    module = importlib.import_module(made.__module__)
    assert module.__name__.startswith("whenabouts.")


@pytest.mark.parametrize(("kind", "name"), [line for line in LINES if line[0] in PROTOCOLS])
def test_line_opens_and_meets_its_protocol(kind, name):
    try:
        part = catalog.part(kind, name)()
    except MissingPartError as error:
        assert "\n" not in str(error), "the hint for a missing part is one line"
        assert "install" in str(error) or "whenabouts" in str(error), "the hint names a command"
        return
    assert isinstance(part, PROTOCOLS[kind])


def test_the_video_llms_of_the_catalog_are_those_that_ship():
    shipped = Path(catalog.__file__).parent / "weights" / "tiny"
    told = {
        f"tiny-{settings.parent.name}": tomllib.loads(settings.read_text())
        for settings in shipped.glob("*/settings.toml")
    }
    ship = {
        name
        for name, one in told.items()
        if one.get("kind") == "video-llm" and one.get("talk") != "dialogue"  # those are brains
    }
    assert ship == set(catalog.PARTS["watcher"]) - {"frames"}


def test_an_unknown_name_lists_the_known_ones():
    known = sorted(catalog.PARTS["encoder"])
    with pytest.raises(InputError, match=f"unknown encoder 'nope'; known: .*{known[0]}"):
        catalog.part("encoder", "nope")


def test_names_are_written_as_people_type_them():
    for _, name in LINES:
        assert name == name.lower()
        assert " " not in name
        assert "_" not in name
