"""Published checkpoints into our folder: `whenabouts convert`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.weights import folder as ours
from whenabouts.weights.folder import EncoderSettings
from whenabouts.weights.source import Published

_Reader = tuple[Callable[[Path], bool], Callable[[Path], Published]]


def convert(
    source: Path,
    target: Path,
    *,
    name: str | None = None,
    licence: str = "",
    languages: tuple[str, ...] = ("en",),
    int8: bool = False,
) -> EncoderSettings:
    """Read a published checkpoint (file or folder) and save it as a checkpoint folder of ours.

    Accepted: an OpenAI CLIP file; folders of open_clip, of transformers CLIP and SigLIP; folders
    with ONNX towers, which are the only ones that need no torch. With `int8` the picture tower is
    made small if that is exact enough (`precision` of the result says whether).
    """
    if not source.exists():
        raise WeightsError(f"{source} does not exist")
    published = read(source)
    settings = published.settings.model_copy(
        update={
            "name": name or published.settings.name,
            "source": str(source.name),
            "licence": licence,
            "languages": languages,
        }
    )
    ours.save(target, settings, published.tokens, tensors=published.tensors, more=published.write)
    if int8:
        from whenabouts.weights.shrink import shrink

        shrink(target)
    return ours.read_settings(target)


def read(source: Path) -> Published:
    """The checkpoint in our terms, whoever published it."""
    from whenabouts.weights.published import onnx_folder

    if onnx_folder.is_onnx(source):
        return onnx_folder.read_onnx(source)
    for fits, reader in _torch_readers():
        if fits(source):
            try:
                return reader(source)
            except WeightsError as error:
                told = str(error)
                raise error if str(source) in told else WeightsError(f"{source}: {told}") from error
    raise WeightsError(
        f"{source} is no checkpoint that can be read; expected an OpenAI CLIP file, or a folder of "
        "open_clip (open_clip_config.json), of transformers CLIP or SigLIP (config.json), or with "
        "onnx/vision_model.onnx and onnx/text_model.onnx"
    )


def _torch_readers() -> tuple[_Reader, ...]:
    """Readers of weights; they need torch to make networks of them."""
    if find_spec("torch") is None:
        raise MissingPartError("converting weights needs torch: pip install 'whenabouts[torch]'")
    from whenabouts.weights.published import clip_checkpoint, siglip_checkpoint

    return (
        (clip_checkpoint.is_open_clip, clip_checkpoint.read_open_clip),
        (clip_checkpoint.is_transformers, clip_checkpoint.read_transformers),
        (siglip_checkpoint.is_siglip, siglip_checkpoint.read_siglip),
        (clip_checkpoint.is_openai, clip_checkpoint.read_openai),
    )
