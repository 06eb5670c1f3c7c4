import numpy as np
import onnx
import onnxruntime
import torch

from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.weights.export import export
from whenabouts.weights.halve import halve


def test_halved_files_give_what_the_rounded_network_gives(tmp_path):
    sizes = RetrievalSizes(
        clip=ClipSizes(
            embed_width=32, vision_width=64, vision_layers=1, vision_heads=1, patch_px=14,
            image_px=28, text_width=64, text_layers=1, text_heads=1, context_tokens=12,
            vocab_tokens=300,
        )
    )  # fmt: skip
    model = RetrievalModel(sizes)
    model.initialise(torch.Generator().manual_seed(0))
    model.load_state_dict({k: v.half().float() for k, v in model.state_dict().items()})
    export(model, tmp_path)
    for name in ("vision.onnx", "text.onnx"):
        assert b"site-packages" not in (tmp_path / name).read_bytes(), "a path of this machine"
    before = (tmp_path / "vision.onnx").stat().st_size
    halve(tmp_path / "vision.onnx")
    assert (tmp_path / "vision.onnx").stat().st_size < 0.7 * before
    onnx.checker.check_model(tmp_path / "vision.onnx")
    pixels = np.random.default_rng(0).normal(size=(3, 3, 28, 28)).astype(np.float32)
    session = onnxruntime.InferenceSession(
        tmp_path / "vision.onnx", providers=["CPUExecutionProvider"]
    )
    vectors, logits = session.run(None, {"pixels": pixels})
    with torch.no_grad():
        tokens = model.images(torch.from_numpy(pixels))
    np.testing.assert_allclose(vectors, tokens.unit[0], atol=1e-5)
    np.testing.assert_allclose(logits, tokens.logits[0], atol=1e-5)
