"""Dates with the month in words or with its sign, as Google writes them in the language of the account."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = """
january jan januar janvier enero gennaio janeiro januari stycznia ledna января січня ocak tammikuuta ianuarie január
february feb februar février febrero febbraio fevereiro februari lutego února февраля лютого şubat helmikuuta február
march mar märz mars marzo março maart marts marca března марта березня mart maaliskuuta martie maret március
april apr avril abril aprile kwietnia dubna апреля квітня nisan huhtikuuta aprilie április
may mai mayo maggio maio mei maj maja května мая травня mayıs toukokuuta május
june jun juni juin junio giugno junho czerwca června июня червня haziran kesäkuuta iunie június
july jul juli juillet julio luglio julho lipca července июля липня temmuz heinäkuuta iulie július
august aug août agosto augustus augusti sierpnia srpna августа серпня ağustos elokuuta agustus augusztus
september sep sept septembre septiembre settembre setembro września září сентября вересня eylül syyskuuta septembrie
october oct oktober octobre octubre ottobre outubro października října октября жовтня ekim lokakuuta octombrie október
november nov novembre noviembre novembro listopada listopadu ноября листопада kasım marraskuuta noiembrie
december dec dezember décembre diciembre dicembre dezembro desember grudnia prosince декабря грудня aralık joulukuuta
"""
_NUMBERS = {name: number for number, names in enumerate(_MONTHS.strip().split("\n"), 1) for name in names.split()}
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_SIGNED = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_NUMBERED_MONTH = re.compile(r"(\d{1,2})\s+(?:tháng|thg)\s+(\d{1,2})")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?:[:.]|\s?[时時시点點h]\s?)(\d{2}|\d(?=\s?[分분]))(?:(?:[:.]|\s?(?:[分분]|min)\s?)(\d{1,2})\s?[秒초s]?)?(?!\d)"
)
_MORNING = re.compile(r"\ba\.?\s?m\b|上午|午前|오전|凌晨|早上", re.IGNORECASE)
_AFTERNOON = re.compile(r"\bp\.?\s?m\b|下午|午後|오후|晚上", re.IGNORECASE)
_ZONE = re.compile(r"\b(?:UTC|GMT|Z)\b(?:([+-])(\d{1,2})(?::?(\d{2}))?)?")


def parse_worded_date(text: str) -> datetime:
    """Return the time that ``text`` states, such as "Tuesday, May 3, 2022 at 6:03 PM UTC", with the offset, if any.

    Raises:
        ValueError: it is no such time.
    """
    text = " ".join(text[:200].split())
    if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
        return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    clock = _CLOCK.search(text)
    if clock is None:
        raise ValueError("has no time of day")
    rest = f"{text[: clock.start()]} {text[clock.end() :]}"
    year, month, day = _day(_ZONE.sub(" ", rest))
    hour = _hour(int(clock[1]), rest)
    return datetime(year, month, day, hour, int(clock[2]), int(clock[3] or 0), tzinfo=_zone(rest))


def _day(text: str) -> tuple[int, int, int]:
    """Return year, month and day."""
    if signed := _SIGNED.search(text):
        return int(signed[1]), int(signed[2]), int(signed[3])
    year = _YEAR.search(text)
    if year is None:
        raise ValueError("has no year")
    if numbered := _NUMBERED_MONTH.search(text):
        return int(year[1]), int(numbered[2]), int(numbered[1])
    day = _DAY.search(text)
    months = [number for word in re.findall(r"[^\W\d_]+", text.casefold()) if (number := _NUMBERS.get(word))]
    if day is None or not months:
        raise ValueError("has no day or no month")
    return int(year[1]), months[0], int(day[1])


def _hour(hour: int, text: str) -> int:
    """Return the hour of 24 from one of 12 with its half of the day, or as it is."""
    if hour > 12:
        return hour
    if _AFTERNOON.search(text):
        return hour % 12 + 12
    return hour % 12 if _MORNING.search(text) else hour


def _zone(text: str) -> timezone | None:
    zone = _ZONE.search(text)
    if zone is None:
        return None
    if not zone[1]:
        return UTC
    offset = timedelta(hours=int(zone[2]), minutes=int(zone[3] or 0))
    return timezone(-offset if zone[1] == "-" else offset)
