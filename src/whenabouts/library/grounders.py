"""Who finds moments inside one video when nobody is named."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from whenabouts.protocols import Encoder, Grounder
from whenabouts.systems.peaks import Peaks
from whenabouts.weights.moment_folder import TINY_FOLDER, read_moment_settings

if TYPE_CHECKING:
    from whenabouts.systems.moment_detr import MomentGrounder


def usual_grounder(encoder: Encoder) -> Grounder:
    """The Moment-DETR of the package for vectors of the encoder that it reads, else `peaks`."""
    learned = learned_grounder(encoder.fingerprint)
    return learned or Peaks(None, 1.0 / encoder.sampling.rate_hz)


@cache
def learned_grounder(fingerprint: str) -> MomentGrounder | None:
    """The one of the package, where it was trained on vectors of this encoder."""
    if not TINY_FOLDER.is_dir() or read_moment_settings(TINY_FOLDER).fingerprint != fingerprint:
        return None
    from whenabouts.systems.moment_detr import tiny

    return tiny()
