"""Brains out of folders: a tiny chat model of transformers, a tiny model of dialogues (IVCR)."""

import pytest
import tiny_video_llm as tiny

from whenabouts.dialogue.brains import open_brain
from whenabouts.dialogue.conversation import Conversation
from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.picking import PickingBrain
from whenabouts.dialogue.planner import Planner
from whenabouts.dialogue.tools_brain import ToolsBrain
from whenabouts.errors import InputError, MediaError, WeightsError
from whenabouts.models.llama import mend_torchvision
from whenabouts.protocols import Brain
from whenabouts.systems.chat_model import open_chat_model, parsed
from whenabouts.types import Moment, Span, Turn
from whenabouts.weights.video_llm_folder import save_video_llm

TEMPLATE = (
    "{% for m in messages %}{{ m.role }} {{ m.content }} "
    "{% for c in m.tool_calls or [] %}{{ c.function.name }} {% endfor %}{% endfor %}assistant "
)


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory):
    """A random Llama of a few thousand weights with a tokenizer and a chat template."""
    return make_chat_model(tmp_path_factory.mktemp("chat") / "model", positions=4096)


def make_chat_model(folder, positions, template=TEMPLATE):
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    mend_torchvision()
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<unk>", "<s>", "</s>", "red", "blue", "video", "system", "user", "assistant", "the"]
    inner = Tokenizer(WordLevel({word: at for at, word in enumerate(words)}, "<unk>"))
    inner.pre_tokenizer = Whitespace()
    tokens = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    tokens.chat_template = template
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=positions,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def test_a_local_chat_model_answers_or_the_planner_does(colours, chat_model, monkeypatch):
    monkeypatch.setattr("whenabouts.systems.chat_model.NEW_TOKENS", 12)
    brain = open_brain(colours, str(chat_model))
    assert isinstance(brain, Brain)
    assert isinstance(brain, ToolsBrain)
    first = Conversation(brain).say("something red please")
    assert first.text
    assert Conversation(brain).say("something red please") == first


def test_a_conversation_that_is_too_long_for_the_model(colours, tmp_path):
    small = make_chat_model(tmp_path / "small", positions=64)
    turn = Conversation(open_brain(colours, str(small))).say("something red please")
    assert "tokens" in turn.memo["fallback"]
    assert turn.moments


def test_a_model_without_a_template_is_refused(tmp_path):
    folder = make_chat_model(tmp_path / "bare", 64, template=None)
    with pytest.raises(WeightsError, match="chat template"):
        open_chat_model(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match="no chat model that opens"):
        open_chat_model(tmp_path / "empty")


def test_calls_are_taken_out_of_a_text():
    call = '<tool_call>{"name": "search", "arguments": {"text": "red"}}</tool_call>'
    message = parsed(f"Let me look. {call} <tool_call>{{broken}}</tool_call>")
    assert message["content"] == "Let me look."
    (one,) = message["tool_calls"]
    assert one["function"] == {"name": "search", "arguments": {"text": "red"}}
    assert parsed("<tool_call>[1]</tool_call>")["tool_calls"] == []
    assert parsed('<tool_call>{"name": 3}</tool_call>')["tool_calls"][0]["function"]["name"] == 3


class Fixed:
    """A picker that always takes the last candidate, and points at seconds 1 to 2."""

    name, limit = "fixed", 3

    def __init__(self, error=None):
        self.error, self.asked = error, []

    def pick(self, turns, candidates, on_text=None):
        if self.error:
            raise self.error
        self.asked.append(tuple(candidates))
        moments = (candidates[-1], *candidates[:-1])
        return Turn("assistant", "It is the last.", "videos", moments, {"picker": {"said": "x"}})

    def point(self, turns, video, on_text=None):
        if self.error:
            raise self.error
        return Turn("assistant", "Then.", "moment", (Moment(video, Span(1.0, 2.0), 1.0),))


def picking(colours, picker):
    return Conversation(PickingBrain(Planner(Desk(colours), asks=False), picker))


def test_a_picker_puts_its_pick_first_and_references_follow(colours, untouched):
    picker = Fixed()
    talk = picking(colours, picker)
    turn = talk.say("something red")
    assert len(picker.asked[0]) == 3
    assert turn.moments[0] == picker.asked[0][-1]
    assert turn.text == "It is the last."
    second = turn.moments[1].video
    when = talk.say("when is it blue in the second one?")
    assert when.act == "moment"
    assert when.moments[0].video == second
    assert when.moments[0].span == Span(1.0, 2.0)
    assert talk.say("how long is it?").moments[0].video == second
    assert talk.say("thanks").text


def test_where_a_picker_fails_the_planner_stands(colours):
    talk = picking(colours, Fixed(MediaError("the file is gone")))
    turn = talk.say("something red")
    assert "the file is gone" in turn.text
    assert turn.moments


def test_what_is_not_sure_is_not_found_by_picking(colours):
    turn = picking(colours, Fixed()).say("a zebra in the kitchen")
    if turn.moments:
        assert turn.act == "say"


@pytest.fixture(scope="module")
def dialogue_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ivcr") / "model"
    given = tiny.dialogue_settings()
    given = given.model_copy(
        update={"answer": given.answer.model_copy(update={"new_tokens": 6, "sample": False})}
    )
    network = tiny.network(given)
    save_video_llm(folder, given, network.state_dict(), tiny.tokenizer("ivcr"))
    return folder


def test_a_folder_of_an_ivcr_model_is_a_brain(colours, dialogue_model):
    brain = open_brain(colours, str(dialogue_model))
    assert isinstance(brain, PickingBrain)
    talk = Conversation(brain)
    turn = talk.say("something red")
    assert {m.video.path.name for m in turn.moments} >= {"red-blue.mp4", "blue-red.mp4"}
    assert talk.say("when is it blue?").moments
    assert (colours.path / "visual_tokens").is_dir()


def test_other_folders_are_refused(colours, tmp_path):
    given = tiny.settings("vtgllm")
    save_video_llm(
        tmp_path / "vtgllm", given, tiny.network(given).state_dict(), tiny.tokenizer("vtgllm")
    )
    with pytest.raises(InputError, match="follows no dialogues"):
        open_brain(colours, str(tmp_path / "vtgllm"))
    for name in (str(tmp_path), "nothing-like-it"):
        with pytest.raises(InputError, match="is no brain"):
            open_brain(colours, name)
