import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from whenabouts.app import choice, getting
from whenabouts.weights import fetch, hub


@pytest.fixture
def opened(monkeypatch, tmp_path):
    """What `open_library` was called with, without opening one."""
    from whenabouts.app import preferences
    from whenabouts.library import library

    calls = []
    monkeypatch.setattr(
        library, "open_library", lambda path, encoder, create: calls.append(encoder)
    )
    monkeypatch.setattr(preferences, "settings_file", lambda: tmp_path / "settings.toml")
    monkeypatch.setenv("WHENABOUTS_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("WHENABOUTS_ENCODER", raising=False)
    return calls


def _terminal(monkeypatch, answer: str):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(choice, "err", lambda: console)
    asked = []

    def confirm(text, **options):
        asked.append(text)
        return answer == "y"

    monkeypatch.setattr(choice.typer, "confirm", confirm)
    return asked


def test_where_nobody_can_be_asked_the_notice_says_what_the_built_in_knows(
    opened, tmp_path, capsys
):
    choice.open_for_index(tmp_path / "x.lib", None, create=True, ask=True)
    assert opened == [None]
    told = capsys.readouterr().err
    assert "only knows what shape world taught it" in told
    assert "speech, on-screen text" in told
    assert f"whenabouts models get {hub.RECOMMENDED}" in told


def test_a_no_takes_the_built_in_and_fetches_nothing(opened, tmp_path, monkeypatch, capsys):
    asked = _terminal(monkeypatch, "n")
    monkeypatch.setattr(getting, "get_model", lambda *a, **k: pytest.fail("fetched without a yes"))
    choice.open_for_index(tmp_path / "x.lib", None, create=True, ask=True)
    assert opened == [None]
    assert len(asked) == 1
    told = capsys.readouterr().err
    assert "Licence apache-2.0" in told
    assert "377 million parameters" in told


def test_a_yes_gets_the_recommended_one(opened, tmp_path, monkeypatch):
    _terminal(monkeypatch, "y")
    got = []
    monkeypatch.setattr(getting, "get_model", lambda name, *, sure: got.append(name))
    choice.open_for_index(tmp_path / "x.lib", None, create=True, ask=True)
    assert got == [hub.RECOMMENDED]
    assert opened == [hub.RECOMMENDED]


def test_json_is_never_asked(opened, tmp_path, monkeypatch, capsys):
    asked = _terminal(monkeypatch, "y")
    choice.open_for_index(tmp_path / "x.lib", None, create=True, ask=False)
    assert asked == []
    assert opened == [None]


def test_a_wish_and_an_existing_library_are_not_discussed(opened, tmp_path, monkeypatch, capsys):
    from whenabouts.store.migrate import CARD

    choice.open_for_index(tmp_path / "x.lib", "mine", create=True, ask=True)
    (tmp_path / "old.lib").mkdir()
    (tmp_path / "old.lib" / CARD).write_text("{}")
    monkeypatch.setenv("WHENABOUTS_ENCODER", "of new libraries only")
    choice.open_for_index(tmp_path / "old.lib", None, create=True, ask=True)
    choice.open_for_index(tmp_path / "new.lib", None, create=True, ask=True)
    assert opened == ["mine", None, "of new libraries only"]
    assert capsys.readouterr().err == ""


def test_size_and_licence_are_said_before_anything_is_fetched(monkeypatch, capsys, tmp_path):
    files = (
        fetch.RemoteFile("onnx/vision_model.onnx", 300_000_000, "", ""),
        fetch.RemoteFile("onnx/text_model.onnx", 200_000_000, "", ""),
    )
    planned = fetch.Plan("a/b", "c/b-ONNX", "main", "apache-2.0", files)
    monkeypatch.setattr(fetch, "plan", lambda name: planned)
    order = []

    def bring(plan, progress):
        order.append(capsys.readouterr().err)
        progress(1, 2)
        return tmp_path

    monkeypatch.setattr(fetch, "fetch", bring)
    assert getting.get_model("a/b", sure=True) == tmp_path
    assert "500 MB in 2 files from c/b-ONNX; licence: apache-2.0" in order[0]
