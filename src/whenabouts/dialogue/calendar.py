"""Stretches of the calendar, local time, and how words bound a recording date by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from whenabouts.library.filters import Filters

Side = Literal["in", "since", "after", "before", "until"]
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
"""The month with which a season begins; winter ends in the next year."""
Unit = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to just before `end`."""

    start: datetime
    end: datetime

    def bounds(self, side: Side) -> Filters:
        """The condition on the recording date that `side` of this period sets."""
        after = {"in": self.start, "since": self.start, "after": self.end}.get(side)
        before = {"in": self.end, "until": self.end, "before": self.start}.get(side)
        return Filters(
            after_s=None if after is None else after.timestamp(),
            before_s=None if before is None else before.timestamp(),
        )


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def year(number: int, now: datetime, years: int = 1) -> Period:
    """A year, or several from it on."""
    start = _midnight(now).replace(year=number, month=1, day=1)
    return Period(start, start.replace(year=number + years))


def month(number: int, of_year: int | None, now: datetime, months: int = 1) -> Period:
    """Some months from month `number` on; without a year the last ones that have begun."""
    if of_year is None:
        of_year = now.year if number <= now.month else now.year - 1
    start = _midnight(now).replace(year=of_year, month=number, day=1)
    return Period(start, _months_on(start, months))


def _months_on(start: datetime, months: int) -> datetime:
    total = start.year * 12 + start.month - 1 + months
    return start.replace(year=total // 12, month=total % 12 + 1, day=1)


def season(name: str, of_year: int | None, now: datetime) -> Period:
    """Three months; without a year the last that has begun, and is over if it is not named this."""
    begins = SEASONS[name]
    period = month(begins, of_year, now, 3)
    if of_year is None and period.end > now:
        period = month(begins, period.start.year - 1, now, 3)
    return period


def day(now: datetime, back: int = 0) -> Period:
    """The day `back` days ago."""
    start = _midnight(now) - timedelta(days=back)
    return Period(start, start + timedelta(days=1))


def date(of_year: int | None, number: int, of_day: int, now: datetime) -> Period | None:
    """One day by its date; None where there is no such day."""
    try:
        start = _midnight(now).replace(year=of_year or now.year, month=number, day=of_day)
        if of_year is None and start > now:
            start = start.replace(year=now.year - 1)
    except ValueError:
        return None
    return Period(start, start + timedelta(days=1))


def whole(unit: Unit, now: datetime, back: int) -> Period:
    """A calendar day, week (from Monday), month or year, `back` of them ago; 0 is the present."""
    if unit == "day":
        return day(now, back)
    if unit == "week":
        start = _midnight(now) - timedelta(days=now.weekday() + 7 * back)
        return Period(start, start + timedelta(days=7))
    if unit == "month":
        start = _months_on(_midnight(now).replace(day=1), -back)
        return Period(start, _months_on(start, 1))
    return year(now.year - back, now)


def past(unit: Unit, now: datetime, count: float) -> Period:
    """The last `count` days, weeks, months or years up to now, by days."""
    days = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}[unit] * count
    return Period(_midnight(now) - timedelta(days=round(days)), now + timedelta(days=1))


def weekday(number: int, now: datetime) -> Period:
    """The last Monday (0) to Sunday (6) before today."""
    return day(now, (now.weekday() - number - 1) % 7 + 1)
