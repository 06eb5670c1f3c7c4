"""Who finds moments when nobody is named: the learned one for its own encoder alone."""

from whenabouts.library.encoders import open_encoder
from whenabouts.library.frame_watcher import FrameWatcher
from whenabouts.library.grounders import learned_grounder, usual_grounder
from whenabouts.systems.moment_detr import MomentGrounder
from whenabouts.systems.peaks import Peaks


def test_vectors_of_the_shipped_encoder_are_read_by_the_learned_one():
    encoder = open_encoder("tiny-clip")
    found = usual_grounder(encoder)
    assert isinstance(found, MomentGrounder)
    assert found is usual_grounder(encoder), "opened once"
    assert FrameWatcher(encoder)._grounder is found


def test_vectors_of_any_other_encoder_keep_peaks(small_encoder):
    encoder = open_encoder(small_encoder)
    assert learned_grounder(encoder.fingerprint) is None
    assert isinstance(usual_grounder(encoder), Peaks)
