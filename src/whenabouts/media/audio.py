"""The sound of a file, as speech recognition wants it: one channel, one rate, no gaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.media.source import (
    Reading,
    decodable,
    decode_sound,
    open_media,
    packets_of,
    seconds_per_tick,
)
from whenabouts.media.start import origin_of
from whenabouts.media.stills import is_still

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

PIECE_S = 5.0
"""Length of the pieces given out, in seconds."""

SLACK_S = 0.1
"""Sound that lies this far from where it should is moved there: silence filled in, overlap cut."""

FAR_S, PREROLL_S = 20.0, 1.0
"""How far ahead reading leaps over sound, and how long before the wanted place it then begins."""

MAX_SILENCE_S = 3600.0
"""A longer gap is a broken clock and is not filled."""


def read_sound(
    path: Path,
    rate_hz: int = 16000,
    *,
    origin_s: float | None = None,
    deadline_s: float | None = None,
) -> Iterator[NDArray[np.float32]]:
    """The sound from the first shown frame on: float32 in [-1, 1], mono, in pieces of 5 s.

    Sample n of all pieces joined is heard at n / rate_hz seconds: silence stands where there is no
    sound. `origin_s` is `MediaInfo.origin_s`, found anew if not given. A file without sound gives
    nothing; unreadable stretches are silent.
    """
    if is_still(path):
        return
    origin_s = origin_of(path) if origin_s is None else origin_s
    held: list[NDArray[np.float32]] = []
    count, size = 0, round(PIECE_S * rate_hz)
    for part in gapless(path, rate_hz, "mono", origin_s, Reading.lasting(deadline_s)):
        held.append(part[0])
        count += len(part[0])
        if count >= size:
            joined = np.concatenate(held)
            whole = count // size * size
            yield from np.split(joined[:whole], whole // size)
            held, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(held)


def gapless(
    path: Path, rate_hz: int, layout: str, from_s: float, reading: Reading
) -> Iterator[NDArray[np.float32]]:
    """Short runs of samples [C,N] without gaps between them; the first is heard at `from_s`.

    `from_s` is a time on the file's own clock, `layout` for example `mono` or `stereo`.
    """
    with open_media(path) as container:
        stream = next((s for s in container.streams.audio if decodable(s)), None)
        if stream is None:
            return
        if from_s - (container.start_time or 0) / 1_000_000 > FAR_S:
            _leap(container, from_s - PREROLL_S)
        tick_s = seconds_per_tick(stream)
        done, slack = 0, 0.0
        packets = packets_of(container, stream, reading)
        for pts, samples in _resampled(stream, packets, rate_hz, layout):
            at = done if pts is None else round((pts * tick_s - from_s) * rate_hz)
            if abs(at - done) < slack or at - done > MAX_SILENCE_S * rate_hz:
                at = done
            slack = SLACK_S * rate_hz
            for start in range(done, at, rate_hz):
                yield np.zeros((len(samples), min(rate_hz, at - start)), np.float32)
            fresh = samples[:, max(0, done - at) :]
            done = max(done, at) + fresh.shape[1]
            yield fresh


def _leap(container: InputContainer, to_s: float) -> None:
    """Go on reading at or before `to_s` if the file allows; else from where it stands."""
    from av.error import FFmpegError

    with suppress(FFmpegError):
        container.seek(round(to_s * 1_000_000))


def _resampled(
    stream: AudioStream, packets: Iterator[Packet], rate_hz: int, layout: str
) -> Iterator[tuple[int | None, NDArray[np.float32]]]:
    """Samples [C,N] and the tick of the first of them (None: follows what was before)."""
    from av.audio.resampler import AudioResampler
    from av.error import FFmpegError

    resampler = AudioResampler(format="fltp", layout=layout, rate=rate_hz)
    kind: tuple[object, ...] = ()
    for packet in chain(packets, [None]):
        for frame in decode_sound(stream, packet)[0]:
            now = (frame.format.name, frame.layout.name, frame.sample_rate)
            if kind != now:
                resampler, kind = AudioResampler(format="fltp", layout=layout, rate=rate_hz), now
            pts, frame.pts = frame.pts, None
            try:
                made = resampler.resample(frame)
            except (FFmpegError, ValueError):
                continue
            for number, part in enumerate(made):
                samples = part.to_ndarray().astype(np.float32, copy=False)
                samples = np.nan_to_num(samples, posinf=0, neginf=0)
                yield (pts if number == 0 else None), np.clip(samples, -1, 1)
