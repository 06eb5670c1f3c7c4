"""What makes few tokens of many, and what tells tokens their time, against VTG-LLM."""

import pytest
import torch

from whenabouts.errors import InputError
from whenabouts.models.compress import (
    Codebook,
    CrossSlots,
    Diverse,
    Entropy,
    Slots,
    distance_to_nearest,
    token_entropy,
)
from whenabouts.models.time_tables import TimeTables, fill_zero_rows, resize_rows
from whenabouts.models.time_tokens import second_row
from whenabouts.models.token_loss import next_token_loss, time_loss


@pytest.mark.golden("vtgllm/slot_compression*")
def test_slots(case):
    config, io = case.facts["config"], case.tensors()
    slots = Slots(config["dim"], config["slots"])
    slots.load_state_dict(case.tensors("weights"))
    x = io["x"].requires_grad_()
    out, extra = slots(x)
    case.close(out, io["out"], "out")
    case.close(slots.weights(io["x"]), io["attention"], "attention")
    case.close(slots(io["x_short"])[0], io["out_short"], "fewer tokens than slots")
    assert extra.item() == case.facts["expected"]["extra_loss"]
    out.backward(io["grad_out"])
    case.close(slots.slots.grad, io["grad_slots"], "gradient of the slots")
    case.close(x.grad, io["grad_x"], "gradient of the tokens")
    framed = io["x"].unflatten(1, (config["frames"], config["tokens_per_frame"]))
    case.close(slots(framed)[0], io["out"], "frame by frame")


@pytest.mark.golden("vtgllm/compression_modes*")
def test_cross_and_codebook(case):
    config, io, weights = case.facts["config"], case.tensors(), case.tensors("weights")
    cross = CrossSlots(config["dim"], config["k"])
    cross.load_state_dict(
        {k.removeprefix("cross."): v for k, v in weights.items() if k.startswith("cross.")}
    )
    case.close(cross(io["x"])[0], io["cross_out"], "cross_out")
    codebook = Codebook(config["dim"], config["k"])
    codebook.load_state_dict({"codebook": weights["codebook.codebook"]})
    out, loss = codebook(io["x"])
    case.close(out, io["codebook_out"], "codebook_out")
    assert torch.equal(codebook.nearest(io["x"]), io["codebook_nearest"])
    expected = torch.tensor(case.facts["expected"]["codebook_loss"])
    case.close(loss, expected, "codebook_loss")
    loss.backward()
    case.close(codebook.codebook.grad, io["grad_codebook"], "grad_codebook")


@pytest.mark.golden("vtgllm/compression_modes*")
def test_what_is_not_drawn_of_the_random_ones(case):
    config, io = case.facts["config"], case.tensors()
    entropy = torch.stack([token_entropy(clip) for clip in io["x"]])
    case.close(entropy, io["entropy"], "entropy")
    nearest = distance_to_nearest(io["x"], io["diverse_idx"][:, :3])
    case.close(nearest, io["diverse_dist3"], "diverse_dist3")
    for part in (Entropy(config["k"]), Diverse(config["k"])):
        chosen, _ = part(io["x"])
        again, _ = part(io["x"])
        assert torch.equal(chosen, again)
        for clip, tokens in zip(chosen, io["x"], strict=True):
            places = [(tokens == one).all(dim=1).nonzero().item() for one in clip]
            assert len(set(places)) == config["k"]


@pytest.mark.golden("vtgllm/time_embedding*")
def test_time_tables(case):
    config, io, weights = case.facts["config"], case.tensors(), case.tensors("weights")
    rows = config["max_time_pos"]
    expected = case.facts["expected"]
    printed = [float(time) for time in expected["printed_seconds"]]
    assert [second_row(time, rows) for time in printed] == expected["second_ids"]
    frames = weights["video_frame_position_embedding.weight"]
    x = io["qformer_out"].unflatten(0, (-1, config["frames"]))
    both = TimeTables(config["dim"], config["max_frame_pos"], rows)
    both.load_state_dict({"frames": frames, "seconds": weights["video_time_position_embedding"]})
    case.close(both(x, io["second_ids"]).flatten(1, 2), io["tokens"], "tokens")
    alone = TimeTables(config["dim"], config["max_frame_pos"])
    alone.load_state_dict({"frames": frames})
    case.close(alone(x).flatten(1, 2), io["tokens_frame_only"], "tokens_frame_only")
    with pytest.raises(InputError, match=f"0 to {rows - 1}"):
        both(x, torch.full_like(io["second_ids"], rows))
    with pytest.raises(InputError, match="places"):
        alone(torch.cat([x, x], dim=1))


@pytest.mark.golden("vtgllm/table_interpolation*")
def test_tables_on_loading(case):
    config, io = case.facts["config"], case.tensors()
    for name in config["zero_rows"]:
        filled = fill_zero_rows(io[f"{name}_before"], "reference")
        case.close(filled, io[f"{name}_after"], name)
        straight = fill_zero_rows(io[f"{name}_before"], "linear")
        assert straight.ne(0).any(dim=1).all()
        assert torch.equal(fill_zero_rows(io[f"{name}_before"], "off"), io[f"{name}_before"])
    resized = resize_rows(io["frame_before"], config["frame_rows_after"])
    case.close(resized, io["frame_after"], "frame table")


@pytest.mark.golden("vtgllm/time_loss*")
def test_time_loss(case):
    io, expected, config = case.tensors(), case.facts["expected"], case.facts["config"]
    first = config["digit_ids"][0]
    logits = io["logits"].requires_grad_()
    loss = time_loss(logits, io["targets"], first)
    case.close(loss, torch.tensor(expected["loss"]), "loss")
    plain = next_token_loss(logits, io["targets"])
    case.close(plain, torch.tensor(expected["plain_cross_entropy"]), "plain")
    none = time_loss(logits, io["targets_no_digit"], first)
    case.close(none, torch.tensor(expected["loss_when_no_digit_target"]), "no digit")
    loss.backward()
    case.close(logits.grad, io["grad_logits"], "gradient")
