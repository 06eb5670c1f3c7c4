"""Small good clips, and the ways to break one: what `hostile_corpus` is made of."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def picture(number: int, width: int = 64, height: int = 48) -> np.ndarray:
    """A picture [H,W,3] that differs plainly from its neighbours."""
    rows, columns = np.mgrid[0:height, 0:width]
    out = np.empty((height, width, 3), np.uint8)
    out[..., 0] = (columns * 4 + number * 40) % 256
    out[..., 1] = (rows * 5 + number * 20) % 256
    out[..., 2] = 128 + 100 * np.sin(number + (rows + columns) / 7)
    return out


def clip(
    path: Path,
    *,
    seconds: float = 3.0,
    fps: int = 10,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 10,
    times: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    form: str | None = None,
) -> bytes:
    """Write a clip of moving colours and return its bytes; `times` are pts in units of 1/fps."""
    with av.open(str(path), "w", format=form, options=options or {}) as out:
        out.metadata.update(tags or {})
        stream = out.add_stream(codec, rate=Fraction(fps))
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.gop_size = gop
        stream.codec_context.time_base = Fraction(1, fps)
        for index, pts in enumerate(times or range(round(seconds * fps))):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
            frame = frame.reformat(format=pix_fmt)
            frame.pts, frame.time_base = pts, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path.read_bytes()


def remux(source: Path, target: Path, times: Iterable[int | None]) -> None:
    """Copy the packets of `source` with other times (both pts and dts, stream units)."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        packets = [p for p in given.demux(given.streams.video[0]) if p.size]
        for packet, time in zip(packets, times, strict=False):
            packet.pts = packet.dts = time
            packet.stream = stream
            try:
                out.mux(packet)
            except av.error.FFmpegError:
                continue  # the muxer refuses some of what a broken writer would write


def tone(path: Path, seconds: float = 2.0, rate_hz: int = 16_000) -> None:
    """A file with sound only."""
    wave = np.sin(np.arange(int(seconds * rate_hz)) / 6).astype(np.float32)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=rate_hz, layout="mono")
        for start in range(0, len(wave), 1024):
            block = np.ascontiguousarray(wave[start : start + 1024][None])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def patch(data: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    """`data` with `value` written `offset` bytes after the first `mark`."""
    at = data.index(mark) + offset
    return data[:at] + value + data[at + len(value) :]


def spoil(data: bytes, spots: Iterable[float], length: int) -> bytes:
    """`data` with `length` random bytes at some places, as shares of its size."""
    out = bytearray(data)
    rng = np.random.default_rng(7)
    for spot in spots:
        at = int(spot * len(out))
        junk = rng.integers(0, 256, length, dtype=np.uint8).tobytes()
        out[at : at + length] = junk[: len(out) - at]
    return bytes(out)


def png_claiming(width: int, height: int, rows: int) -> bytes:
    """A grey PNG whose header claims any size; it holds `rows` rows, compressed a thousandfold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    squeezer = zlib.compressobj(9)
    body = b"".join(squeezer.compress(bytes(1 + width)) for _ in range(rows)) + squeezer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif(delays_cs: Sequence[int]) -> bytes:
    """A GIF animation with these delays between its pictures, in hundredths of a second."""
    from PIL import Image

    pictures = [Image.fromarray(picture(i)) for i in range(len(delays_cs))]
    file = io.BytesIO()
    pictures[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[10 * delay for delay in delays_cs],
        loop=0,
    )
    return file.getvalue()
