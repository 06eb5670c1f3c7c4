"""A chat model of transformers in a local folder, as a `ChatModel`: template in, message out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingPartError, WeightsError

NEW_TOKENS = 512
_CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


def open_chat_model(folder: str | Path) -> LocalChat:
    """The model in a folder with `config.json`, safetensors and a tokenizer with a chat template.

    Nothing is fetched, and code in the folder is not run.
    """
    return LocalChat(Path(folder).expanduser())


class LocalChat:
    """A causal language model with a chat template."""

    def __init__(self, folder: Path) -> None:
        try:
            from whenabouts.models.llama import mend_torchvision

            mend_torchvision()
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise MissingPartError(
                f"transformers cannot open chat models here: {error}; "
                "pip install 'whenabouts[torch]'"
            ) from error
        try:
            self._words = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise WeightsError(f"{folder} holds no chat model that opens: {error}") from error
        if not self._words.chat_template:
            raise WeightsError(f"the tokenizer in {folder} has no chat template; take a chat model")
        self._folder = folder

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.name

    def complete(
        self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """The likeliest answer, never sampled; calls between `<tool_call>` marks are taken out."""
        import torch

        given: Any = self._words.apply_chat_template(
            list(messages),
            tools=list(tools),
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )
        length = given["input_ids"].shape[1]
        limit = getattr(self._model.config, "max_position_embeddings", None)
        if limit is not None and length + 16 > limit:
            raise MissingPartError(
                f"the conversation has {length} tokens, {self.name} takes {limit}"
            )
        with torch.inference_mode():
            out = self._model.generate(**given, max_new_tokens=NEW_TOKENS, do_sample=False)
        return parsed(self._words.decode(out[0, length:], skip_special_tokens=True))


def parsed(text: str) -> dict[str, Any]:
    """A message with the calls in a model's text taken out of it."""
    calls: list[dict[str, Any]] = []
    for number, match in enumerate(_CALL.finditer(text)):
        try:
            call = json.loads(match[1])
        except ValueError:
            continue
        function = {"name": call.get("name"), "arguments": call.get("arguments", {})}
        calls.append({"id": f"call{number}", "type": "function", "function": function})
    return {"content": _CALL.sub("", text).strip(), "tool_calls": calls}
