"""A network that mixes the frames of a clip, as the encoder of a library."""

import numpy as np
import pytest
import torch

from whenabouts.errors import InputError
from whenabouts.models.pixels import prepare
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.systems.clip_tokens import open_encoder
from whenabouts.weights.export import export
from whenabouts.weights.folder import load_model, read_settings, read_tokens, save


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
