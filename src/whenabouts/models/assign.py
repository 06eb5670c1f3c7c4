"""The cheapest one-to-one assignment (Hungarian matching)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign(costs_NM: NDArray[np.floating]) -> tuple[list[int], list[int]]:
    """Rows in order and the column of each, so that the sum of costs is least; min(N,M) pairs.

    Shortest augmenting paths with potentials (Jonker and Volgenant).

    >>> assign(np.array([[4.0, 1.0], [2.0, 9.0], [3.0, 3.0]]))
    ([0, 1], [1, 0])
    """
    costs = np.asarray(costs_NM, np.float64)
    if costs.shape[0] > costs.shape[1]:
        columns, rows = assign(costs.T)
        pairs = sorted(zip(rows, columns, strict=True))
        return [row for row, _ in pairs], [column for _, column in pairs]
    count, wide = costs.shape
    row_price, column_price = np.zeros(count), np.zeros(wide + 1)
    owner = np.full(wide + 1, -1)
    """Row of each column; the last place holds the row that looks for one."""
    for row in range(count):
        owner[wide], column = row, wide
        shortest = np.full(wide, np.inf)
        before = np.full(wide, wide)
        done = np.zeros(wide + 1, bool)
        while owner[column] >= 0:
            done[column] = True
            at = owner[column]
            free = ~done[:wide]
            reached = costs[at] - row_price[at] - column_price[:wide]
            better = free & (reached < shortest)
            shortest[better], before[better] = reached[better], column
            step = np.where(free, shortest, np.inf)
            nearest = int(step.argmin())
            delta = step[nearest]
            row_price[owner[done]] += delta
            column_price[done] -= delta
            shortest[free] -= delta
            column = nearest
        while column != wide:
            previous = int(before[column])
            owner[column] = owner[previous]
            column = previous
    found = sorted((int(row), column) for column, row in enumerate(owner[:wide]) if row >= 0)
    return [row for row, _ in found], [column for _, column in found]
