"""Short names for the figures of a split, for logs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.metrics.retrieval import caption_retrieval, retrieval


def split_figures(scores: NDArray[np.float32], split: RetrievalSplit) -> dict[str, float]:
    """Figures of both directions, `t2v.R@1` and so on, by the protocol of the split."""
    if split.one_caption_each:
        found = {"text_to_video": retrieval(scores), "video_to_text": retrieval(scores.T)}
    else:
        found = caption_retrieval(scores, split.owner)
    short = {"text_to_video": "t2v", "video_to_text": "v2t"}
    return {f"{short[way]}.{name}": v for way, rows in found.items() for name, v in rows.items()}
