"""Dates and times as a program writes them in its user's locale, where the order of day and month must be found out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise
from typing import Literal, TypeVar

from chatbot.corpus.readers.dates import common_day
from chatbot.corpus.readers.reader import tidy

Order = Literal["", "day-month-year", "month-day-year", "year-month-day"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MORNING = ("am", "a.m.", "a. m.", "上午", "午前", "오전", "ص", "sa", "π.μ.", "πμ")
_AFTERNOON = ("pm", "p.m.", "p. m.", "下午", "午後", "오후", "م", "ch", "μ.μ.", "μμ")
_HALF = "|".join(re.escape(word).replace(r"\ ", r"\s") for word in (*_MORNING, *_AFTERNOON))
_WEEKDAY = r"(?:\s?(?:周|週|星期)\w)?"
_DATE = r"(\d{1,4})\s?(?:[./-]|年|년)\s?(\d{1,2}|[A-Za-z]{3})\s?(?:[./-]|月|월)\s?(\d{1,4})(?:[日일]|\.|\s?г\.)?"
_NAMED = r"(?:[A-Za-z]+,?\s)?(?:([A-Za-z]{3})[a-z]*\s(\d{1,2})|(\d{1,2})\s([A-Za-z]{3})[a-z]*),?\s(\d{4})"
_CLOCK = rf"({_HALF})?\s?(\d{{1,2}})(?:[:.時시]|\s?h)\s?(\d{{2}})(?:[:.](\d{{2}}))?(?:\s?ч\.)?\s?({_HALF})?"
_TIMED = rf"[,،]?\s(?:(?!{_HALF})[^\W\d]{{1,4}}\s)?{_CLOCK}"
_WRITTEN = re.compile(f"(?:{_DATE}{_WEEKDAY}|{_NAMED}){_TIMED}", re.IGNORECASE)
_AMERICAN = re.compile(r"(?!\d/0)[\d/]+,?\s.+[AP]M")
"""How only the United States write: halves of the day in capitals, and no zero before one number alone."""
_LONGEST = 48
_UNDECIDED = 20_000
"""So many dates may be waiting for the first that tells; then the order is guessed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """A date in parts, as it is written, and its time of day; ``american`` as far as its looks tell."""

    parts: tuple[int, int, int]
    clock: time
    order: Order = ""
    american: bool = False

    def told(self) -> Order:
        """Return the order that this date has in any case, or nothing: an order only lets some dates be."""
        first, second, _ = self.parts
        if self.order or first > 31:
            return self.order or "year-month-day"
        if first > 12:
            return "day-month-year"
        return "month-day-year" if second > 12 else ""

    def when(self, order: Order) -> datetime | None:
        """Return the local time, without a zone, or nothing where the date is none in this order."""
        first, second, third = self.parts
        year, month, day = {
            "year-month-day": (first, second, third),
            "month-day-year": (third, first, second),
        }.get(order, (third, second, first))
        try:
            return datetime.combine(common_day(year + (2000 if year < 100 else 0), month, day), self.clock)
        except ValueError:
            return None


def parse_written(text: str) -> Written | None:
    """Return the parts of a date with a time of day, if ``text`` is one."""
    text = tidy(text) if len(text) <= _LONGEST else ""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    *date, before, hour, minute, second, after = found.groups()
    half = re.sub(r"\s", " ", before or after or "").lower()
    day, month, year = _parts(date)
    hours = _hours(int(hour), half)
    if not month or hours > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    order: Order = "" if date[1] and date[1].isdigit() else "day-month-year"
    clock = time(hours, int(minute), int(second or 0))
    return Written((day, month, year), clock, order, _AMERICAN.fullmatch(text) is not None)


def _parts(date: list[str | None]) -> tuple[int, int, int]:
    """Return a date's three parts in the order in which they stand, where the month is a name the day first."""
    first, second, third, month_before, day_after, day_before, month_after, year = date
    if first and second and third:
        return int(first), _month(second), int(third)
    return int(day_after or day_before or 0), _month(month_before or month_after or ""), int(year or 0)


def dated(records: Iterable[tuple[Written | None, T]], order: Order = "") -> Iterator[tuple[datetime | None, T]]:
    """Yield the records with their times, in one order of day and month for all.

    The first date that has only one order decides; else the order in which times do not decrease; else dates that
    all look American are, and all others have the day first.
    """
    waiting: list[tuple[Written | None, T]] = []
    for written, record in records:
        if not order:
            order = written.told() if written else ""
            waiting.append((written, record))
            if not order and len(waiting) >= _UNDECIDED:
                order = _guess([date for date, _ in waiting if date])
            if order:
                yield from ((_at(date, order), each) for date, each in waiting)
                waiting = []
        else:
            yield _at(written, order), record
    order = order or _guess([date for date, _ in waiting if date])
    yield from ((_at(date, order), each) for date, each in waiting)


def _at(written: Written | None, order: Order) -> datetime | None:
    return written.when(written.order or order) if written else None


def _guess(dates: list[Written]) -> Order:
    orders: tuple[Order, Order] = ("day-month-year", "month-day-year")
    rising = [order for order in orders if _rises(dates, order)]
    if len(rising) == 1:
        return rising[0]
    return "month-day-year" if all(date.american for date in dates) else "day-month-year"


def _rises(dates: list[Written], order: Order) -> bool:
    times = [when for date in dates if (when := date.when(order))]
    return all(earlier <= later for earlier, later in pairwise(times))


def _month(text: str) -> int:
    """Return the number of a month, 0 for what is none."""
    if text.isdigit():
        return int(text)
    return _MONTHS.index(text.lower()) + 1 if text.lower() in _MONTHS else 0


def _hours(hour: int, half: str) -> int:
    if half in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    return 0 if half in _MORNING and hour == 12 else hour
