"""What mixes the frames of a clip, with ragged masks and inputs of tiny variance."""

import pytest
import torch

from whenabouts.models.temporal import SeqLstm, SeqTransf

pytestmark = pytest.mark.golden("tvr/temporal_encoder")


def part(case, name: str) -> dict[str, torch.Tensor]:
    weights = case.tensors("weights").items()
    return {key.split("/", 1)[1]: value for key, value in weights if key.startswith(f"{name}/")}


@torch.no_grad()
@pytest.mark.parametrize("probe", ["", "eps_probe."])
def test_transformer(case, probe):
    config, io = case.facts["config"], case.tensors()
    model = SeqTransf(config["dim"], config["layers"], config["position_table_rows"])
    model.load_state_dict(part(case, "seqTransf"))
    out = model(io[f"{probe}video_feat"], io["video_mask"])
    case.close(out, io[f"{probe}seqTransf.out"], "seqTransf")


@torch.no_grad()
def test_lstm(case):
    io = case.tensors()
    model = SeqLstm(case.facts["config"]["dim"])
    model.load_state_dict(part(case, "seqLSTM"))
    case.close(model(io["video_feat"], io["video_mask"]), io["seqLSTM.out"], "seqLSTM")
