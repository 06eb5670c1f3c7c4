from pathlib import Path

import pytest

from whenabouts.app import preferences
from whenabouts.errors import SettingsError


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in ("LIBRARY", "ENCODER", "PLAYER"):
        monkeypatch.delenv(f"WHENABOUTS_{name}", raising=False)
    path = tmp_path / "settings.toml"
    monkeypatch.setattr(preferences, "settings_file", lambda: path)
    return path


def test_option_beats_environment_beats_file_beats_default(file, monkeypatch):
    default = preferences.library_path(None)
    assert default.name == "videos.lib"
    file.write_text('library = "/from/file"\nencoder = "e"')
    assert preferences.library_path(None) == Path("/from/file")
    assert preferences.preferences().encoder == "e"
    monkeypatch.setenv("WHENABOUTS_LIBRARY", "/from/env")
    assert preferences.library_path(None) == Path("/from/env")
    assert preferences.library_path(Path("/option")) == Path("/option")


def test_other_variables_of_ours_do_not_upset_it(file, monkeypatch):
    monkeypatch.setenv("WHENABOUTS_GOLDEN", "/somewhere")
    preferences.preferences()


@pytest.mark.parametrize("text", ['libary = "x"', "library = 3", "library ="])
def test_a_fault_in_the_file_names_the_file(file, text):
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        preferences.preferences()


def test_home_is_understood(file):
    assert preferences.library_path(Path("~/x.lib")) == Path.home() / "x.lib"
