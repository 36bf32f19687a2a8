"""What is nobody's business becomes a typed placeholder before anything is trained: ``<email>``, ``<phone>``, ..."""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from pydantic import Field

from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.settings import Settings

# Only texts that pass this are looked at more closely: an address, a long word of letters and digits, many digits.
_SUSPICIOUS = re.compile(r"@|://|-----BEGIN|[A-Za-z0-9_-]{20}|(?:\d\D{0,3}){7}|[0-9a-fA-F]{1,4}:[0-9a-fA-F:]{2}")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
_CREDENTIALS = re.compile(r"(?<=://)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[\w-]{16,256}|gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|xox[abprs]-[\w-]{10,256}|"
    r"A[KS]IA[0-9A-Z]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,512}|eyJ[\w-]{8,2048}\.[\w-]{4,2048}\.[\w-]{4,2048}|"
    r"\d{6,12}:[\w-]{30,64})(?![A-Za-z0-9])"
)
_HEX = re.compile(r"(?<![A-Za-z0-9])(?:[0-9a-f]{32,128}|[0-9A-F]{32,128})(?![A-Za-z0-9])")
_MIXED = re.compile(r"(?<![A-Za-z0-9_+/=.-])[A-Za-z0-9_+/-]{28,512}={0,2}(?![A-Za-z0-9_+/=])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d])")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_MENTION = re.compile(r"(?<=(?<!\w)@)\d{8,15}(?!\w)")
"""As WhatsApp mentions people who are in nobody's contacts: the number without a plus."""
_MAINLAND_MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
# Round ones, as in 5000-6000, are prices and wages.
_HONG_KONG_MOBILE = re.compile(r"(?<![\d.,:/-])(?<!\d )(?!..00[ -]?..00)[569]\d{3}[ -]?\d{4}(?![ -]?\d|[.,:/]\d)")
_DATE = r"\d\d?([./-])\d\d?\1\d\d(?:\d\d)?(?!\1?\d)"
_TRUNK = re.compile(
    rf"(?<![A-Za-z0-9_,/+#=-])(?<!\d[.:])(?<![\d)] )(?!{_DATE})"
    r"(?:\(0\d{1,4}\)|0\d{1,4})(?:[ ./-]{0,3}\d{2,8}){1,4}(?!\d|[,:=./]\d|-\d)"
)
"""As most countries write their own numbers; which are given out differs, and all lengths are somewhere."""
_LONGEST = 20_000
"""Characters of a text that phone numbers are looked for in."""


class PrivacySettings(Settings):
    """The ``[privacy]`` table of a corpus file."""

    placeholders: bool = True
    """Put placeholders for e-mail addresses, phone, card and account numbers, IP addresses, passwords in URLs, keys."""
    regions: tuple[str, ...] = ("US", "GB", "CN", "TW")
    """Countries whose phone numbers are known without their +code (ISO 3166-1), beside Hong Kong's mobile ones and all
    of ten to twelve digits that begin with 0."""
    pseudonyms: bool = False
    """Put ``Person1``, ``Person2``, ... for speakers' names wherever they are mentioned."""
    shortest_name: int = Field(2, ge=1)
    """Names of fewer characters are no names when someone mentions them."""


@dataclass(slots=True)
class Shield:
    """Hides what is private in the dialogues of one log; ``hidden`` counts what, by kind."""

    settings: PrivacySettings
    hidden: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def cover(self, dialogues: Iterable[Dialogue]) -> Iterator[Dialogue]:
        """Yield the dialogues without what is private; speakers keep their names, which no model sees."""
        for dialogue in dialogues:
            if self.settings.pseudonyms:
                self._learn_names(turn.speaker for turn in dialogue.turns)
            yield replace(dialogue, turns=tuple(replace(turn, text=self.hide(turn.text)) for turn in dialogue.turns))

    def hide(self, text: str) -> str:
        """Return a text with placeholders for what is private in it."""
        if self.settings.placeholders and _SUSPICIOUS.search(text):
            text = self._hide_patterns(text)
            text = self._hide_phones(text)
        return self._pattern.sub(self._rename, text) if self._pattern else text

    def _hide_patterns(self, text: str) -> str:
        for kind, pattern, is_private in _KINDS:
            text = pattern.sub(partial(self._judge, kind, is_private), text)
        return text

    def _judge(self, kind: str, is_private: Callable[[str], bool], found: re.Match[str]) -> str:
        return self._put(kind, found[0], is_private(found[0]))

    def _put(self, kind: str, said: str, private: bool) -> str:
        if not private:
            return said
        self.hidden[kind] += 1
        return f"<{kind}>"

    def _hide_phones(self, text: str) -> str:
        from phonenumbers import Leniency, PhoneNumberMatcher  # only texts with many digits need it

        spans: list[tuple[int, int]] = []
        for region in self.settings.regions or ("ZZ",):
            for found in PhoneNumberMatcher(text[:_LONGEST], region, Leniency.VALID, 100):
                if re.match(_DATE, found.raw_string):  # with a time behind it
                    continue
                if all(found.end <= start or found.start >= end for start, end in spans):
                    spans.append((found.start, found.end))
        for start, end in sorted(spans, reverse=True):
            text = text[:start] + self._put("phone", text[start:end], private=True) + text[end:]
        return text

    def _learn_names(self, speakers: Iterable[str]) -> None:
        known = len(self._names)
        for speaker in speakers:
            for name in (speaker, *speaker.split()):
                if len(name) >= self.settings.shortest_name and not name.isdigit() and name not in self._names:
                    self._names[name] = self._names.get(speaker) or f"Person{len(set(self._names.values())) + 1}"
        if len(self._names) > known:
            longest = sorted(self._names, key=len, reverse=True)
            self._pattern = re.compile("|".join(_mention(name) for name in longest))

    def _rename(self, found: re.Match[str]) -> str:
        self.hidden["name"] += 1
        return self._names[found[0]]


def cover(dialogues: Iterable[Dialogue], settings: PrivacySettings, tally: Tally) -> Iterator[Dialogue]:
    """Yield dialogues without what is private; the tally counts what is hidden."""
    yield from Shield(settings, tally.hidden).cover(dialogues)


def _mention(name: str) -> str:
    """Return the pattern of a name: a whole word where words have blanks between them."""
    before = r"(?<![A-Za-z])" if name[0].isascii() else ""
    after = r"(?![A-Za-z])" if name[-1].isascii() else ""
    return before + re.escape(name) + after


def is_card(text: str) -> bool:
    """Tell whether digits pass the check of card numbers (Luhn, ISO/IEC 7812-1)."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether a text passes the check of account numbers (ISO 13616: modulo 97)."""
    compact = text.replace(" ", "")
    turned = compact[4:] + compact[:4]
    return len(compact) >= 15 and int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _is_ip(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


def _is_digest(text: str) -> bool:
    """Tell whether hexadecimal digits are of both kinds."""
    return min(sum(map(str.isdigit, text)), sum(map(str.isalpha, text))) >= 3


def _is_random(text: str) -> bool:
    """Tell whether a long word has upper and lower case and digits so mixed as only machines write them."""
    kinds = [sum(map(test, text)) for test in (str.isupper, str.islower, str.isdigit)]
    return min(kinds) >= 3 and "//" not in text and text.count("/") < 4


def _is_trunk(text: str) -> bool:
    """Tell whether there are as many digits as numbers have that begin with 0, and not all alike."""
    digits = [one for one in text if one.isdigit()]
    return 10 <= len(digits) <= 12 and len(set(digits)) > 2


def _always(text: str) -> bool:
    return True


def regions_of(names: Iterable[str]) -> list[str]:
    """Return the countries (ISO 3166-1) of names that are phone numbers with a +code, as of people in no contacts."""
    from phonenumbers import NumberParseException, is_valid_number, parse, region_code_for_number

    found = set()
    for name in names:
        with suppress(NumberParseException):
            number = parse(name)
            found.add(region_code_for_number(number) or "" if is_valid_number(number) else "")
    return sorted(region for region in found if len(region) == 2)  # 001: no country's, as of free calls


def _is_international(digits: str) -> bool:
    from phonenumbers import NumberParseException, is_valid_number, parse

    try:
        return is_valid_number(parse(f"+{digits}"))
    except NumberParseException:
        return False


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("key", _PRIVATE_KEY, _always),
    ("credentials", _CREDENTIALS, _always),
    ("email", _EMAIL, _always),
    ("key", _KEY, _always),
    ("iban", _IBAN, is_iban),
    ("phone", _MENTION, _is_international),
    ("card", _CARD, is_card),
    ("key", _HEX, _is_digest),
    ("key", _MIXED, _is_random),
    ("ip", _IPV4, _is_ip),
    ("ip", _IPV6, _is_ip),
    ("phone", _MAINLAND_MOBILE, _always),
    ("phone", _HONG_KONG_MOBILE, _always),
    ("phone", _TRUNK, _is_trunk),
)
"""What is looked for, in this order: a card is no phone, and an address in a URL is no password."""
