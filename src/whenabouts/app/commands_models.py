"""`models` and `convert`: encoders on this machine, getting more, converting published ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from whenabouts.app.getting import MB, get_model
from whenabouts.app.options import JsonOption
from whenabouts.app.screen import err, note, out, plain, print_json, say
from whenabouts.errors import InputError

models = typer.Typer(help="Encoders on this machine, and getting more.", no_args_is_help=True)


@models.command("list")
def list_(json: JsonOption = False) -> None:
    """List the encoders on this machine and those worth getting."""
    found = _known_models()
    if json:
        print_json("models list", {"models": found})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("encoder", "state", "licence", "languages", "about"):
        table.add_column(title, overflow="fold", no_wrap=title in ("encoder", "state"))
    for model in found:
        state = model["state"]
        if model["size_bytes"]:
            state += f", {model['size_bytes'] / MB:,.0f} MB"
        cells = (model["name"], state, model["licence"], ", ".join(model["languages"]))
        table.add_row(*(Text(plain(cell)) for cell in (*cells, model["about"])))
    out().print(table)


def _known_models() -> list[dict[str, Any]]:
    """Built in, installed, and available ones, each once."""
    from whenabouts.weights import hub
    from whenabouts.weights.folder import read_settings

    about = {model.name: model for model in hub.known()}
    rows: list[dict[str, Any]] = []
    if hub.TINY_FOLDER.is_dir():
        settings = read_settings(hub.TINY_FOLDER)
        size_bytes = sum(p.stat().st_size for p in hub.TINY_FOLDER.iterdir() if p.is_file())
        text = "knows only what shape world taught it: drawn shapes"
        rows.append(_row(settings.name, "built in", size_bytes, settings, text))
    for model in hub.installed():
        text = about[model.name].about if model.name in about else ""
        rows.append(_row(model.name, "installed", model.size_bytes, model.settings, text))
    here = {row["name"] for row in rows}
    rows += [_row(m.name, "on the hub", 0, m, m.about) for m in hub.known() if m.name not in here]
    return rows


def _row(name: str, state: str, size_bytes: int, source: Any, about: str) -> dict[str, Any]:
    return {
        "name": name,
        "state": state,
        "size_bytes": size_bytes,
        "licence": source.licence,
        "languages": list(source.languages),
        "about": about,
    }


@models.command("get")
def get(
    name: Annotated[
        str,
        typer.Argument(help="Such as google/siglip2-base-patch32-256, or speech-small."),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Fetch a model after showing its size and licence; goes on where it was cut off."""
    folder = get_model(name, sure=yes)
    if json:
        print_json("models get", {"name": name, "folder": str(folder)})
        return
    say(f"{name} is in {plain(folder)}")
    if "/" in name:
        say(f"use it: whenabouts index ~/Videos --encoder {name}")
        say(f"or move a library to it: whenabouts reindex --encoder {name}")


@models.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="A name that `whenabouts models list` shows.")],
    json: JsonOption = False,
) -> None:
    """Delete a model from this machine. Libraries made with it cannot be searched without it."""
    from whenabouts.library.encoders import DEFAULT
    from whenabouts.weights import hub

    if name == DEFAULT:
        raise InputError(f"{name} is part of the program and stays")
    freed = hub.remove(name)
    if json:
        print_json("models remove", {"name": name, "freed_bytes": freed})
    else:
        say(f"removed {name}, {freed / MB:,.0f} MB free again")


@models.command("publish")
def publish(
    model: Annotated[str, typer.Argument(help="A model's name, or a checkpoint folder of ours.")],
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    json: JsonOption = False,
) -> None:
    """Write a model in the layout of transformers, for other programs. Needs the extra torch."""
    from whenabouts.library.encoders import DEFAULT
    from whenabouts.weights import hub
    from whenabouts.weights.publish import HEAD, to_transformers

    folder = hub.TINY_FOLDER if model == DEFAULT else hub.find(model)
    names = to_transformers(folder, target.expanduser())
    if json:
        print_json("models publish", {"folder": str(target), "files": list(names)})
        return
    say(f"{plain(target)} is a CLIPModel of transformers")
    if HEAD in names:
        say(f"what CLIP has no place for is in {HEAD}, under DRL's names")


def convert(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[SYSTEM] SOURCE TARGET",
            help="SOURCE: OpenAI CLIP file; folder of open_clip, or transformers CLIP or SigLIP. "
            "With SYSTEM timechat, vtgllm, ivcr or sevila: the folder, or hub name, of its "
            "published files. TARGET: the new folder.",
        ),
    ],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the model is called.")
    ] = None,
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Licence of the weights.")] = "",
    lang: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Language it reads; repeatable. Default: en."),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Eight bits for pictures, if exact enough.")
    ] = False,
    vit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Video LLM: eva_vit_g.pth.")
    ] = None,
    qformer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Video LLM: instruct_blip_vicuna7b_trimmed.pth; SeViLA: BLIP-2's file.",
        ),
    ] = None,
    llama: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Video LLM: folder of LLaMA-2-7B-chat.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Video LLM: its own weights; repeatable, last counts."),
    ] = None,
    vocab: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Video LLM: bert-base-uncased's vocab.txt.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Video LLM of another size: its TOML.")
    ] = None,
    timestamps: Annotated[
        Literal["bert", "llama"] | None,
        typer.Option(help="Tokenizer of frame times: as evaluated, or as trained."),
    ] = None,
    seconds: Annotated[
        Literal["reference", "linear", "off"] | None,
        typer.Option(help="How seconds that were never trained are filled. Default: reference."),
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(metavar="SEED", help="Make a start for training; new parts are random."),
    ] = None,
    t5: Annotated[
        Path | None, typer.Option(metavar="DIR", help="SeViLA: folder of Flan-T5-XL.")
    ] = None,
    localizer: Annotated[
        Literal["saved", "blip2"] | None,
        typer.Option(
            help="SeViLA: its localizer as the checkpoint has it, or as BLIP-2 begins. "
            "Default: saved."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make an encoder, a video LLM or a SeViLA of ours from published files.

    Needs the extra torch.
    """
    from whenabouts.app.converting import VideoLlmWords, convert_sevila, convert_stack, tell
    from whenabouts.models.video_llm_settings import PUBLISHED
    from whenabouts.weights.convert import convert as convert_checkpoint

    video = VideoLlmWords(
        vit, qformer, llama, tuple(checkpoint or ()), vocab, settings, timestamps, seconds, start,
        t5, localizer,
    )  # fmt: skip
    known = (*PUBLISHED, "sevila")
    if len(words) not in (2, 3) or (len(words) == 3) != (words[0] in known):
        systems = " or ".join(known)
        raise InputError(
            f"give SOURCE TARGET, or {systems} and then SOURCE TARGET; got {' '.join(words)}"
        )
    source, target = words[-2], Path(words[-1]).expanduser()
    if len(words) == 3:
        if int8:
            raise InputError("--int8 is for encoders; a video LLM is stored whole and opened small")
        changes = {"name": name, "licence": licence, "languages": tuple(lang or ())}
        if words[0] == "sevila":
            made_name, notes = convert_sevila(source, target, video, changes)
        else:
            made_name, notes = convert_stack(words[0], source, target, video, changes)
        tell(made_name, target, notes, json=json)
        return
    video.refuse()
    with err().status("converting"):
        made = convert_checkpoint(
            Path(source).expanduser(),
            target,
            name=name,
            licence=licence,
            languages=tuple(lang or ("en",)),
            int8=int8,
        )
    if json:
        facts = {"name": made.name, "folder": str(target), "precision": made.precision}
        print_json("convert", facts)
        return
    if int8 and made.precision != "int8":
        note("eight bits change its vectors too much; it stays in float32")
    say(f"{plain(made.name)} is in {plain(target)}")
    say(f"use it: whenabouts index ~/Videos --encoder {plain(target)}")
