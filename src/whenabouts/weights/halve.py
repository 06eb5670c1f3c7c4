"""ONNX files at half the size: weights stored as float16, computed with as float32.

Exact when the weights were rounded to float16 before the export, as in the shipped checkpoint.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.errors import MissingPartError

_LEAST_VALUES = 256
"""Smaller tensors stay as they are: a cast for each would cost more than it saves."""


def halve(path: Path) -> None:
    """Rewrite an ONNX file in place; runtimes undo the casts once, when they open it."""
    try:
        import onnx
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise MissingPartError(
            f"smaller ONNX files need onnx ({error}); pip install 'whenabouts[torch]'"
        ) from error
    model = onnx.load(path)
    graph = model.graph
    casts: list[onnx.NodeProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _LEAST_VALUES:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)
