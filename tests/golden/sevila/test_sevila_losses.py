"""SeViLA's losses and gradients in each way to train it, against the published code."""

import pytest
import torch
from published_sevila import TABLE, given, load_sevila

from whenabouts.models.sevila import Sevila, best_frames, picked
from whenabouts.models.t5 import END_ID, PAD_ID, Ids
from whenabouts.train.sevila_loss import option_right, yes_no

pytestmark = pytest.mark.golden("sevila/model*")


def watched(model: Sevila, case, names: Ids, text: Ids, tokens):
    """The encoder's output, its input compared with the case's."""

    def read(io, head):
        embedded, mask = model.prompt(tokens, names, text)
        case.close(embedded, io[f"{head}inputs_embeds"], "prompt")
        assert torch.equal(mask, io[f"{head}attention_mask"])
        return model.language.read(embedded, mask)

    return read


def learnt(case, model, mode, io, part, loss):
    """Loss, gradients, and which parts have some."""
    said = case.facts["modes"][mode]
    case.close(loss, torch.tensor(said["loss"]), "loss")
    case.close(loss[None], io["loss"], "loss")
    loss.backward()
    named = dict(model.named_parameters())
    spelled = TABLE.to_theirs(model.state_dict())
    marked = {name: torch.tensor(place) for place, name in enumerate(spelled)}
    ours = {list(spelled)[int(place)]: name for name, place in TABLE.to_ours(marked).items()}
    for name, norm in said["grad_norms"].items():
        case.close(named[ours[name]].grad.norm(), torch.tensor(norm), f"norm of {name}")
    for name, gradient in io.items():
        if name.startswith("grad/"):
            case.close(named[ours[name.removeprefix("grad/")]].grad, gradient, name)
    with_gradient = {name for name, weight in named.items() if weight.grad is not None}
    assert with_gradient == {ours[name] for name in said["grad_norms"]}
    assert {name.split(".")[0] for name in with_gradient} == {part}


def targets(case, rows) -> Ids:
    """`yes` or `no` of each frame, as the case spells them."""
    io = case.tensors("io_inputs")
    yes, no = (io[f"pseudo_{word}_ids"][0].tolist() for word in ("yes", "no"))
    return yes_no(rows, yes, no)


def seen(case, model):
    video = case.tensors("io_inputs")["video"]
    with torch.no_grad():
        return model.look(video.flatten(0, 1)), video.shape[:2]


def test_labels_by_the_answerer_teach_the_localizer(case):
    model = load_sevila(case)
    model.set_trained(("localizer",))
    io = case.tensors("io_train_loc_self_refine")
    memory, (B, T) = seen(case, model)
    frame, answers = given(case, "frame_prefix"), given(case, "answer").repeated(T)
    with torch.no_grad():
        text = given(case, "qa").repeated(T)
        read = watched(model, case, frame, text, model.answerer(memory)[:, None])(io, "t5_0_")
        scores = model.language.teach(read, answers)
        case.close(model.taught(read, answers)[None], io["t5_0_loss"], "answerer's loss")
        facts = case.facts
        subset = [PAD_ID, END_ID, *facts["answer_id"], facts["no_id"], facts["yes_id"]]
        case.close(scores[..., subset], io["t5_0_logits_subset"], "answerer's scores")
        letters = case.facts["answer_id"]
        gold = torch.tensor([letters.index(int(row[1])) for row in answers.ids])
        chosen, right = option_right(scores, letters, gold)
    assert torch.equal(chosen.unflatten(0, (B, T)), io["pseudo_pred"])
    assert (
        chosen.unflatten(0, (B, T)).tolist()
        == (case.facts["modes"]["train_loc_self_refine"]["pseudo_pred"])
    )
    wanted = targets(case, right)
    assert torch.equal(wanted.ids, io["t5_1_labels"])
    text = given(case, "loc").repeated(T)
    read = watched(model, case, frame, text, model.localizer(memory)[:, None])(io, "t5_1_")
    case.close(model.language.teach(read, wanted), io["t5_1_logits"], "localizer's scores")
    loss = model.taught(read, wanted)
    learnt(case, model, "train_loc_self_refine", io, "localizer", loss)


def test_labels_of_the_data_teach_the_localizer(case):
    model = load_sevila(case)
    model.set_trained(("localizer",))
    io = case.tensors("io_fmr_train")
    memory, (_, T) = seen(case, model)
    labels = [label == "yes" for row in case.facts["fmr_labels"] for label in row]
    wanted = targets(case, torch.tensor(labels))
    assert torch.equal(wanted.ids, io["t5_0_labels"])
    text = given(case, "loc").repeated(T)
    tokens = model.localizer(memory)[:, None]
    read = watched(model, case, given(case, "frame_prefix"), text, tokens)(io, "t5_0_")
    case.close(model.language.teach(read, wanted), io["t5_0_logits"], "scores")
    learnt(case, model, "fmr_train", io, "localizer", model.taught(read, wanted))


def test_the_answerer_learns_from_located_frames(case):
    model = load_sevila(case)
    model.set_trained(("answerer",))
    io = case.tensors("io_train_qa_with_loc")
    memory, (B, T) = seen(case, model)
    with torch.no_grad():
        tokens = model.localizer(memory)[:, None]
        read = model.read(tokens, given(case, "frame_prefix"), given(case, "loc").repeated(T))
        yes = model.language.first(read)[:, case.facts["yes_id"]].unflatten(0, (B, T))
    case.close(yes, io["loc_yes"], "yes")
    chosen = best_frames(yes, case.facts["config"]["frame_num"])
    keys = picked(memory.unflatten(0, (B, T)), chosen)
    answer_together(case, model, "train_qa_with_loc", keys, io)


@pytest.mark.parametrize("mode", ["train_qa_uniform_vid", "train_qa_wo_loc_vid"])
def test_the_answerer_learns_from_all_frames(case, mode):
    """The same whether there is a localizer that is not asked, or none."""
    model = load_sevila(case)
    model.set_trained(("answerer",))
    video = case.tensors("io_generate_uniform_vid")["video"]
    with torch.no_grad():
        memory = model.look(video.flatten(0, 1)).unflatten(0, video.shape[:2])
    answer_together(case, model, mode, memory, case.tensors(f"io_{mode}"))


def answer_together(case, model, mode, memory, io):
    tokens = model.answerer(memory.flatten(0, 1)).unflatten(0, memory.shape[:2])
    text, answers = given(case, "qa"), given(case, "answer")
    assert torch.equal(answers.ids, io["t5_0_labels"])
    read = watched(model, case, given(case, "vid_prefix"), text, tokens)(io, "t5_0_")
    case.close(model.language.teach(read, answers), io["t5_0_logits"], "scores")
    learnt(case, model, mode, io, "answerer", model.taught(read, answers))


def test_the_answerer_learns_from_each_frame_alone(case):
    model = load_sevila(case)
    model.set_trained(("answerer",))
    io = case.tensors("io_train_qa_per_frame")
    memory, (_, T) = seen(case, model)
    tokens = model.answerer(memory)[:, None]
    text, answers = given(case, "qa").repeated(T), given(case, "answer").repeated(T)
    read = watched(model, case, given(case, "frame_prefix"), text, tokens)(io, "t5_0_")
    learnt(case, model, "train_qa_per_frame", io, "answerer", model.taught(read, answers))
