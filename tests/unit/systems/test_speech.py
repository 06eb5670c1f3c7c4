"""Speech: the plumbing around a stand-in for faster-whisper, and what absence says."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from whenabouts.catalog import part
from whenabouts.errors import InputError, MissingPartError
from whenabouts.protocols import TextReader
from whenabouts.systems import speech
from whenabouts.systems.speech import SOUND_HZ, SpeechReader, fetch, reader
from whenabouts.types import Video

VIDEO = Video("v", Path("talk.mp4"), 700.0, 25.0, 320, 180)


def segment(start: float, end: float, text: str, silent: float = 0.1, log_prob: float = -0.3):
    return SimpleNamespace(
        start=start, end=end, text=text, no_speech_prob=silent, avg_logprob=log_prob
    )


class Whisper(ModuleType):
    """Stands in for the package: a model that says what it is told, and a hub cache."""

    def __init__(self, cache: dict[str, Path], says=None) -> None:
        super().__init__("faster_whisper")
        self.cache, self.says = cache, says or (lambda block: [])
        self.opened: list[str] = []
        self.languages: list[str | None] = []
        self.fetched: list[str] = []

    def WhisperModel(self, folder: str, *, local_files_only: bool, **settings: object):  # noqa: N802 its name there
        assert local_files_only
        if not (Path(folder) / "model.bin").read_bytes():
            raise RuntimeError("model.bin is empty")
        self.opened.append(folder)
        return SimpleNamespace(transcribe=self._transcribe)

    def _transcribe(self, block, *, language, vad_filter, condition_on_previous_text):
        assert block.dtype == np.float32 and vad_filter and not condition_on_previous_text
        self.languages.append(language)
        return iter(self.says(block)), SimpleNamespace(language=language or "zh")

    def download_model(self, size: str, local_files_only: bool = False) -> str:
        if size == "enormous":
            raise ValueError("Invalid model size")
        if size not in self.cache and local_files_only:
            raise FileNotFoundError(size)
        if not local_files_only:
            self.fetched.append(size)
        return str(self.cache.get(size, Path("fetched")))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(speech.WEIGHTS_VARIABLE, raising=False)

    def put(cache: dict[str, Path] | None = None, says=None) -> Whisper:
        package = Whisper(cache or {}, says)
        monkeypatch.setitem(sys.modules, "faster_whisper", package)
        return package

    return put


def heard(folder: Path, pieces: list[np.ndarray], language: str = ""):
    made = SpeechReader(folder, language, sound=lambda video: pieces)
    return [(round(s.start_s, 3), round(s.end_s, 3), t, lang) for s, t, lang in made.read(VIDEO)]


def noise(length_s: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(-0.5, 0.5, round(length_s * SOUND_HZ)).astype(np.float32)


def test_absent_package_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(MissingPartError, match=r"pip install 'whenabouts\[asr\]'"):
        reader()


def test_absent_weights_are_told_and_never_fetched(install):
    package = install()
    with pytest.raises(MissingPartError, match=r"no weights for .small..*models get speech-small"):
        reader()
    assert package.fetched == []


def test_a_folder_without_a_model_is_no_weights(install, tmp_path: Path):
    install()
    with pytest.raises(MissingPartError, match="no weights"):
        reader(str(tmp_path))


def test_weights_come_from_argument_environment_or_cache(install, weights, monkeypatch, tmp_path):
    package = install({"small": weights}, lambda block: [segment(0, 1, "hello")])
    assert isinstance(reader(), TextReader)
    assert isinstance(reader(str(weights)), TextReader)
    with pytest.raises(MissingPartError):
        reader("tiny")
    monkeypatch.setenv(speech.WEIGHTS_VARIABLE, str(weights))
    made = reader()
    assert package.opened == []  # Loading waits for sound.
    monkeypatch.setattr(speech, "_sound_of", lambda video: [noise(2)])
    made = reader()
    assert [text for _, text, _ in made.read(VIDEO, ())] == ["hello"]
    assert package.opened == [str(weights)]


def test_spans_text_and_language_are_passed_on(install, weights):
    install(says=lambda block: [segment(0.5, 1.25, " 你好 "), segment(1.5, 9.0, "再  见")])
    assert heard(weights, [noise(1), noise(1)]) == [
        (0.5, 1.25, "你好", "zh"),
        (1.5, 2.0, "再 见", "zh"),
    ]


def test_likely_inventions_and_repeats_are_dropped(install, weights):
    said = [
        segment(0, 1, "Thanks for watching", silent=0.9, log_prob=-1.4),
        segment(1, 2, "la la"),
        segment(2, 3, "la la"),
        segment(3, 4, ""),
        segment(4, 5, "again"),
    ]
    install(says=lambda block: said)
    assert [text for _, _, text, _ in heard(weights, [noise(6)])] == ["la la", "again"]


def test_silence_does_not_wake_the_model(install, weights):
    package = install()
    assert heard(weights, [np.zeros(SOUND_HZ, np.float32)]) == []
    assert package.opened == []
    assert heard(weights, []) == []


def test_long_sound_is_cut_where_it_is_quiet_and_times_go_on(install, weights, monkeypatch):
    monkeypatch.setattr(speech, "BLOCK_S", 30.0)
    sound = noise(70)
    sound[round(17.0 * SOUND_HZ) : round(17.2 * SOUND_HZ)] = 0
    lengths: list[float] = []

    def says(block: np.ndarray):
        lengths.append(len(block) / SOUND_HZ)
        return [segment(1.0, 2.0, f"piece {len(lengths)}")]

    package = install(says=says)
    found = heard(weights, list(np.array_split(sound, 23)))
    assert sum(lengths) == pytest.approx(70.0)
    assert lengths[0] == pytest.approx(17.1, abs=0.06) and max(lengths) <= 30.0
    assert found[0][0] == 1.0 and found[1][0] == pytest.approx(lengths[0] + 1.0, abs=1e-3)
    assert package.languages == [None] + ["zh"] * (len(lengths) - 1)


def test_given_language_is_not_guessed(install, weights):
    package = install(says=lambda block: [segment(0, 1, "word")])
    assert heard(weights, [noise(2)], "en") == [(0.0, 1.0, "word", "en")]
    assert package.languages == ["en"]


def test_damaged_weights_say_what_to_do(install, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"")
    install()
    with pytest.raises(MissingPartError, match=r"do not open.*model\.bin is empty"):
        heard(tmp_path, [noise(1)])


def test_fetch_is_the_only_call_that_fetches(install):
    package = install()
    assert fetch("base") == Path("fetched")
    assert package.fetched == ["base"]
    with pytest.raises(InputError, match="enormous"):
        fetch("enormous")


def test_catalog_line_is_this_reader():
    assert part("text_reader", "speech") is reader
