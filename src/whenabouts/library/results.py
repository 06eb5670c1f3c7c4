"""The answer to a search: a list of moments that says why it is empty and shows itself."""

from __future__ import annotations

import html
from collections.abc import Iterable

from whenabouts.types import Moment


class Moments(list[Moment]):
    """Moments, best first. A plain list, with the query and the reason when there is none."""

    def __init__(
        self,
        moments: Iterable[Moment] = (),
        query: str = "",
        reason: str = "",
        surest: float | None = None,
    ) -> None:
        super().__init__(moments)
        self.query = query
        self.surest = surest
        """Confidence of the surest hit, shown or not, 0 to 1; None where it is not known."""
        self.reason = reason
        """Why there is nothing, or less than asked for; empty when all is well."""

    def __str__(self) -> str:
        if not self:
            return f"nothing found: {self.reason}" if self.reason else "nothing found"
        return "\n".join(f"{rank:3}  {moment}" for rank, moment in enumerate(self, start=1))

    def _repr_html_(self) -> str:
        """One card a moment, for notebooks."""
        if not self:
            return f"<i>{html.escape(str(self))}</i>"
        return "".join(moment._repr_html_() for moment in self)  # pyright: ignore[reportPrivateUsage]  # the notebook protocol's name
