"""Tidying of one turn's text before a model sees it, and of a model's text before people do."""

import re
import unicodedata

# C0 and C1 controls, bidi marks and overrides, byte-order mark, lone surrogates and noncharacters. Not
# U+200D (part of emoji) and not U+200C (part of Persian words).
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_BLANKS = re.compile(r"\s+")
_CJK = "\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff65"
_CJK_ONE = re.compile(f"[{_CJK}]")
_PUNCTUATED = re.compile(r"\s*([.,!?;:()\"“”]|[’'](?=\s|[a-z]{1,2}\b))\s*")
_BEFORE = re.compile(r"\s+([.,!?;:)”%])")
_AFTER = re.compile(r"([(“$])\s+")
_APOSTROPHE = re.compile(r"(?<=\w)\s*([’'])\s*(?=(?:s|m|d|t|ll|re|ve|S|M|D|T|Ll|Re|Ve)\b)")


def clean(text: str) -> str:
    """Return ``text`` in NFC, without control characters, its blanks (newlines too) collapsed to one each."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())  # the same, many times faster
    return _BLANKS.sub(" ", _UNWANTED.sub("", unicodedata.normalize("NFC", text))).strip()


def is_cjk(character: str) -> bool:
    """Tell whether ``character`` belongs to a script that is written without blanks between words."""
    return _CJK_ONE.match(character) is not None


def space_out(text: str) -> str:
    """Return ``text`` with blanks round its punctuation, as tokenised corpora have it; does nothing twice."""
    return clean(_PUNCTUATED.sub(r" \1 ", text))


def close_up(text: str) -> str:
    """Return ``text``, written with blanks round its punctuation, the way that people write."""
    text = _APOSTROPHE.sub(r"\1", _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text)))
    return re.sub(f"(?<=[{_CJK}])\\s+(?=[{_CJK}])", "", text)
