"""Dates and times as phones write them: in the order and the words of the user's language.

The patterns are pieces of a header's; their groups are ``first``, ``second``, ``third``, ``before``, ``hour``,
``minute``, ``seconds`` and ``after``. Every repetition is bounded.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Literal

Order = Literal["dmy", "mdy", "ymd", "ydm"]
Parts = tuple[str, str, str]

MARKS = "[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]{0,4}"
DATE = (
    rf"(?P<first>\d{{1,4}}){MARKS}\s?[./\-年년]{MARKS}\s?"
    rf"(?P<second>\d{{1,2}}){MARKS}\s?[./\-月월]{MARKS}\s?"
    r"(?P<third>\d{1,4})(?!\d)(?:[.日일]|\s(?:г\.|BE\b))?"
)
"""Three numbers: 13.06.2018, 6/13/18, 2018-06-13, 13. 6. 2018., 2018年6月13日, 13.06.18 г., 13/6/2561 BE."""
TIME = (
    r"(?:(?P<before>[^\W\d][^\d\[\]:,]{0,20}?)\s?)?"
    r"(?P<hour>\d{1,2})\s?[:.h时時]\s?(?P<minute>\d{2})(?:(?:[:.]|\smin\s)(?P<seconds>\d{1,2}))?"
    r"(?:\s?(?P<after>[^\W\d_][^\d\[\]:,\-–—]{0,20}?))?"
)
"""9:41, 21.41.05, 下午9:41, klo 21.41, 9:41 p. m., 21 h 41 min 5 s."""


def _letters(word: str) -> str:
    return "".join(filter(str.isalpha, word.casefold()))


_MORNING = {
    "am", "上午", "午前", "오전", "早上", "早晨", "清晨", "凌晨", "半夜", "午夜", "ص", "صباحا", "πμ", "öö", "sa", "pg",
    "قظ", "לפנהצ", "прдоб", "inthemorning", "pd",
    *map(_letters, ("முற்பகல்", "ಪೂರ್ವಾಹ್ನ", "ਪੂ.ਦੁ.", "ጥዋት")),
}  # fmt: skip
_NOON = {"中午", "正午"}
_AFTERNOON = {
    "pm", "下午", "午後", "오후", "傍晚", "م", "مساء", "μμ", "ös", "ch", "ptg", "بظ", "אחהצ", "слоб", "intheafternoon",
    "md", *map(_letters, ("பிற்பகல்", "ಅಪರಾಹ್ನ", "ਬਾ.ਦੁ.", "ከሰዓት")),
}  # fmt: skip
_EVENING = {"晚上", "夜晚", "夜里", "夜間"}
_MEANT = _MORNING | _NOON | _AFTERNOON | _EVENING
_UNITED_STATES = re.compile(r"\W{0,3}[1-9]\d?/[1-9]\d?/\d\d(?!\d)")
_BUDDHIST = range(2400, 2700)
"""Years as Thai machines count them, from the Buddha's death; 543 less are those of others."""
_PERSIAN = range(1370, 1430)
"""Years as Persian machines count them: 1403 begins in March 2024."""
_BEFORE_PERSIAN = date(622, 3, 20).toordinal()
_EARLIEST = 2009
"""A two-digit year before the applications' first versions is no year but a day."""


def settled_order(found: list[re.Match[str]], chosen: Order | None) -> Order:
    """Return the order of the dates in a log's headers: the user's choice, else what they tell, else what is usual."""
    return chosen or date_order(numbers for numbers, _ in groupby(found, _numbers)) or _usual(found)


def moment(match: re.Match[str], order: Order) -> datetime:
    """Return the time that a header with ``DATE`` and ``TIME`` states.

    Raises:
        ValueError: there is no such time.
    """
    return datetime.combine(day(_numbers(match), order), clock(match))


def clock(match: re.Match[str]) -> time:
    """Return the time of day that a header with ``TIME`` states.

    Raises:
        ValueError: there is no such time.
    """
    return _clock(*match.group("before", "hour", "minute", "seconds", "after"))


@lru_cache(4096)  # a day has only so many minutes
def _clock(before: str | None, hour: str, minute: str, seconds: str | None, after: str | None) -> time:
    words = (_letters(word) for word in (before, after) if word)
    word = next((word for word in words if word in _MEANT), "")
    hours = int(hour)
    if hours == 12 and (word in _MORNING or word in _EVENING):
        hours = 0
    elif (hours < 12 and (word in _AFTERNOON or word in _EVENING)) or (hours < 10 and word in _NOON):
        hours += 12
    return time(hours, int(minute), int(seconds or 0))


@lru_cache(4096)  # messages come in the order of their days
def day(numbers: Parts, order: Order) -> date:
    """Return the day that three numbers in an order state.

    Raises:
        ValueError: there is no such day.
    """
    found = dict(zip(order, numbers, strict=True))
    year = int(found["y"]) + (2000 if len(found["y"]) <= 2 else 0)
    if len(found["m"]) > 2 or len(found["d"]) > 2:
        raise ValueError("a month or a day has no more than two digits")
    return common_day(year, int(found["m"]), int(found["d"]))


def common_day(year: int, month: int, day: int) -> date:
    """Return the day that machines of most countries call so, those of Thailand or those of Iran.

    Raises:
        ValueError: there is no such day.
    """
    if year in _PERSIAN:
        return _persian_day(year, month, day)
    return date(year - 543 if year in _BUDDHIST else year, month, day)


def _persian_day(year: int, month: int, day: int) -> date:
    """Return a day of Iran's calendar: six months of 31 days, then six of 30, the last a day shorter but in leap years.

    Eight years of 33 are, as far as ``_PERSIAN`` goes.
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        raise ValueError("there is no such month or day")
    days = 365 * (year - 1) + (8 * year + 21) // 33 + 30 * (month - 1) + min(month - 1, 6) + day
    return date.fromordinal(_BEFORE_PERSIAN + days)


def date_order(dates: Iterable[Parts]) -> Order | None:
    """Return the order of the parts of a log's dates; None when day and month cannot be told apart.

    It is the one in which the fewest dates are impossible (a first part over 31 is a year, any part over 12 is no
    month), then the one in which the fewest dates go back.
    """
    known = list(dates)
    misfits = {order: _misfits(known, order) for order in _ORDERS}
    fitting = [order for order in _ORDERS if misfits[order] == min(misfits.values())]
    if fitting[0] == "dmy" and "mdy" in fitting:
        return None
    # Nobody writes the day before the month behind a year, unless it cannot be read otherwise.
    if fitting[0] == "ydm" and misfits["ymd"][0] == misfits["ydm"][0]:
        return "ymd"
    return fitting[0]


_ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd", "ydm")


def _usual(found: list[re.Match[str]]) -> Order:
    """Return the order that the way of writing suggests, for logs of few days in which all dates can be read twice.

    Short dates without zeros, 3/5/24, are those of the United States; nearly everywhere else the day comes first
    (https://cldr.unicode.org, short date formats).
    """
    dates = [match.string[match.start("first") :] for match in found]
    return "mdy" if dates and all(map(_UNITED_STATES.match, dates)) else "dmy"


def _numbers(match: re.Match[str]) -> Parts:
    return match["first"], match["second"], match["third"]


def _misfits(dates: list[Parts], order: Order) -> tuple[int, int]:
    """Return how many dates are impossible in an order, and how many go back."""
    days = [_plausible(numbers, order) for numbers in dates]
    return days.count(None), sum(bool(one and two and two < one) for one, two in pairwise(days))


def _plausible(numbers: Parts, order: Order) -> date | None:
    try:
        found = day(numbers, order)
    except ValueError:
        return None
    short = len(numbers[order.index("y")]) <= 2
    return None if short and found.year < _EARLIEST else found
