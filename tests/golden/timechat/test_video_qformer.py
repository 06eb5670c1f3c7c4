"""The Q-Former over windows of frames, against the published network."""

import pytest
import torch

from whenabouts.models.time_tables import TimeTables
from whenabouts.models.video_llm_sizes import QFormerSizes
from whenabouts.models.video_qformer import VideoQFormer, windows
from whenabouts.weights.published.video_llm_names import qformer_rules
from whenabouts.weights.rename import Rule, Table, load_strictly

pytestmark = pytest.mark.golden("timechat/video_qformer*")
_TOP = (
    Rule("time.frames", ("video_frame_position_embedding.weight",)),
    *(Rule(f"project.{kind}", (f"llama_proj.{kind}",)) for kind in ("weight", "bias")),
)


def build(config: dict, run: dict) -> torch.nn.ModuleDict:
    sizes = QFormerSizes(
        queries=config["num_video_query_token"],
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        feed_width=config["intermediate_size"],
        memory_width=config["hidden_size"],
        cross_every=config["cross_attention_freq"],
    )
    return torch.nn.ModuleDict(
        {
            "time": TimeTables(config["hidden_size"], config["max_frame_pos"]),
            "compress": VideoQFormer(sizes, run["window_size"], run["stride"]),
            "project": torch.nn.Linear(config["hidden_size"], config["llm_width"]),
        }
    ).eval()


@torch.no_grad()
def test_every_run(case):
    config, io, weights = case.facts["config"], case.tensors(), case.tensors("weights")
    rules = qformer_rules("compress.qformer", "video_Qformer", "video_query_tokens")
    table = Table("video Q-Former", (*rules, *_TOP), ("*position_ids",))
    for run in case.facts["runs"]:
        name = f"run{run['run']}"
        model = build(config, run)
        load_strictly(model, table.to_ours(weights), "the case")
        seen = []
        model["compress"].qformer.register_forward_hook(
            lambda _module, given, out, seen=seen: seen.append((given[0], out))
        )
        hidden = io[f"{name}.frame_hidden"].unflatten(0, (run["batch"], run["frames"]))
        tokens, _ = model["compress"](model["time"](hidden))
        assert [memory.shape[1] for memory, _ in seen] == run["memory_lengths"]
        for index, (memory, out) in enumerate(seen):
            case.close(memory, io[f"{name}.window{index}.memory"], f"{name} memory {index}")
            case.close(out, io[f"{name}.window{index}.query_out"], f"{name} out {index}")
        case.close(model["project"](tokens), io[f"{name}.video_tokens_llm"], f"{name} projected")
        assert len(windows(run["frames"], run["window_size"], run["stride"])) == run["n_windows"]
