"""Settings of an index run and of a search; the defaults are what `benchmarks/` measure."""

from __future__ import annotations

from whenabouts.library.calibrate import Calibration
from whenabouts.library.events import PASSES, PassName
from whenabouts.settings import Settings
from whenabouts.systems.peaks import PeakSettings


class IndexSettings(Settings):
    """What an index run does and where it stops."""

    passes: tuple[PassName, ...] = PASSES
    """Which passes; key frames come first whatever the order."""
    exclude: tuple[str, ...] = ()
    """File name or path patterns that are passed over, for example `*/drafts/*`."""
    hidden: bool = False
    """Look at files and folders whose name begins with a dot, too."""
    retry: bool = False
    """Try files again that failed before and have not changed since."""
    file_limit_s: float = 600.0
    """One file may take so long in one pass; long videos get their own length on top."""
    alike_grey: float = 6.0
    """A frame is not encoded when no cell of a 16x16 grid differs by more than this many grey
    levels (of 255) from the last encoded one; 0 encodes every frame."""
    sparse_hz: float = 0.1
    """Key frames closer than this rate are left out of the first pass."""
    batch: int = 32
    """Frames encoded at once, across videos."""
    waiting_mb: int = 96
    """Decoded frames waiting for the encoder, megabytes."""
    commit_frames: int = 8192
    """A commit is due after so many frames; small files share one."""
    commit_s: float = 10.0
    """A commit is due after so long, seconds."""
    picture_px: int = 240
    """Width of the small pictures of the shots, pixels."""


class SearchSettings(Settings):
    """How a search weighs and cuts."""

    floor: float = 0.55
    """Hits below this confidence are not in the library; 0 shows the best whatever it is."""
    per_video: int | None = 3
    """At most so many moments of one video; None: no limit."""
    channels: tuple[str, ...] | None = None
    """Only these kinds of evidence, for example `("speech",)`; None: all."""
    order: bool = True
    """Read "A then B" as an order of events."""
    pictures: bool = True
    """Bring a small picture with each moment."""
    steep: bool = False
    """What is surest ranks no less steeply than what is unsure: for scores that are multiplied."""
    near: int = 300
    """Frames that coarse search brings."""
    candidates: int = 20
    """Videos that are scored exactly; more when more moments are asked for."""
    texts: int = 40
    """Pieces of text that full-text search brings."""
    calibration: Calibration = Calibration()
    """How standard scores become confidence."""
    peaks: PeakSettings = PeakSettings()
    """How the curve over time becomes spans."""
