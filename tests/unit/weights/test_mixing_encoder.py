"""A network that mixes the frames of a clip, as the encoder of a library."""

import numpy as np
import pytest
import torch

from whenabouts.errors import InputError
from whenabouts.library.library import open_library
from whenabouts.library.settings import SearchSettings
from whenabouts.media.write import write_video
from whenabouts.models.pixels import prepare
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.systems.clip_tokens import open_encoder
from whenabouts.weights.export import export
from whenabouts.weights.folder import load_model, read_settings, read_tokens, save

VISUAL = SearchSettings(floor=0.0, channels=("visual",))


@pytest.fixture
def mixing(small_encoder, tmp_path):
    """Folder of a network whose frames pass through two blocks, and the network."""
    plain = read_settings(small_encoder)
    sizes = plain.sizes.model_copy(update={"temporal": "seq_transf", "temporal_layers": 2})
    settings = plain.model_copy(update={"sizes": sizes, "name": "mixing"})
    model = RetrievalModel(sizes)
    model.initialise(torch.Generator().manual_seed(5))
    folder = tmp_path / "mixing"
    tokens = read_tokens(small_encoder, plain)
    save(folder, settings, tokens, tensors=model.state_dict(), more=lambda at: export(model, at))
    return folder, load_model(folder)


def test_a_stored_frame_is_a_clip_of_one_frame(mixing):
    folder, model = mixing
    pixels = np.random.default_rng(0).integers(0, 256, (3, 30, 40, 3), dtype=np.uint8)
    stored = open_encoder(folder, threads=1).encode_frames(pixels)
    given = torch.from_numpy(prepare(pixels, read_settings(folder).pixels))
    with torch.no_grad():
        clips = model.video(given[:, None], torch.ones(3, 1, dtype=torch.int64))
        unmixed = model.clip.image(given)
    np.testing.assert_allclose(stored.vectors, clips.unit[:, 0].numpy(), atol=1e-5)
    np.testing.assert_allclose(stored.logits, clips.logits[:, 0].numpy(), atol=1e-5)
    plain = torch.nn.functional.normalize(unmixed, dim=-1).numpy()
    assert np.abs(stored.vectors - plain).max() > 1e-3, "the mixer has taken no part"


def test_frames_through_an_lstm_are_refused(mixing, tmp_path):
    sizes = mixing[1].sizes.model_copy(update={"temporal": "seq_lstm"})
    with pytest.raises(InputError, match="seq_transf"):
        export(RetrievalModel(sizes), tmp_path)


@pytest.mark.parametrize("change", [{"temporal": "seq_lstm"}, {"interaction": "xti"}])
def test_a_library_refuses_what_has_no_vector_for_a_frame(mixing, tmp_path, change):
    settings = read_settings(mixing[0])
    sizes = settings.sizes.model_copy(update=change)
    tokens = read_tokens(mixing[0], settings)
    save(tmp_path / "other", settings.model_copy(update={"sizes": sizes}), tokens)
    with pytest.raises(InputError, match="single frames"):
        open_encoder(tmp_path / "other")


def test_a_library_is_indexed_and_searched_with_it(mixing, tmp_path):
    folder, _ = mixing
    frame = np.full((32, 40, 3), (230, 20, 20), np.uint8)
    write_video(tmp_path / "red.mp4", [frame] * 8, 4)
    with open_library(tmp_path / "lib", str(folder)) as library:
        assert library.add(tmp_path / "red.mp4").new == 1
    with open_library(tmp_path / "lib", create=False) as library:  # it knows its encoder
        (found, *_) = library.search("a red circle moves", settings=VISUAL)
    (why,) = [e for e in found.evidence if e.channel == "visual"]
    assert [match.word for match in why.matches] == ["a", "red", "circle", "moves"]
    assert all(0 <= match.time_s <= 2 for match in why.matches)
    assert sum(match.weight for match in why.matches) < 1  # start and end have the rest
