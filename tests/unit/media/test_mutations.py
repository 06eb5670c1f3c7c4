"""Files hurt at random: an error of ours or frames in order, in bounded time; nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clipmaker import draw, make_clip
from PIL import Image

from whenabouts.errors import MediaError
from whenabouts.media.audio import read_sound
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import probe
from whenabouts.media.subtitles import read_texts

SOUND = {
    "a.mp4": {"sound_s": 2.0},
    "b.mkv": {"options": {"bf": "2"}, "sound_s": 2.0},
    "c.ts": {"sound_s": 2.0},
    "d.avi": {"options": {"bf": "2"}},
    "e.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8"}},
    "f.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
}


def hurt(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut off, some bits turned, a stretch replaced, or the header changed."""
    kind, count = rng.integers(4), len(data)
    if kind == 0:
        return data[: int(rng.integers(1, count))]
    changed = np.frombuffer(data, np.uint8).copy()
    if kind == 1:
        places = rng.integers(count, size=20)
        changed[places] ^= (1 << rng.integers(8, size=20)).astype(np.uint8)
    elif kind == 2:
        start = int(rng.integers(count))
        stretch = changed[start : start + 900]
        stretch[:] = rng.integers(256, size=len(stretch))
    else:
        changed[rng.integers(min(count, 2000), size=3)] = rng.integers(256, size=3)
    return changed.tobytes()


def read_all(path: Path) -> None:
    """Everything the indexer does with a file."""
    info = probe(path)
    assert 0 <= info.duration_s < 1e6
    video = info.video(path, "x")
    for options in ({"rate_hz": 2.0}, {}, {"keyframes_only": True}):
        last = -1.0
        for frames in read_frames(video, short_side_px=32, deadline_s=20, **options):
            assert (np.diff([last, *frames.times_s]) > 0).all()
            last = float(frames.times_s[-1])
    for piece in read_sound(path, deadline_s=20):
        assert np.isfinite(piece).all()
    read_texts(path, info)


@pytest.mark.parametrize("name", [*SOUND, "g.gif", "h.webp", "i.jpg"])
def test_hurt_files_give_a_reason_or_what_is_readable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name in SOUND:
        make_clip(path, 20, **SOUND[name])
    else:
        first, *rest = [Image.fromarray(draw(n)) for n in range(4)]
        several = {} if name == "i.jpg" else {"save_all": True, "append_images": rest}
        first.save(path, **several)
    whole = path.read_bytes()
    read_all(path)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(12):
        path.write_bytes(hurt(whole, rng))
        try:
            read_all(path)
        except MediaError:
            refused += 1
    assert refused < 12
