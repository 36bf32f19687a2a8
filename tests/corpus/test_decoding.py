"""Which encoding a log is in."""

import pytest

from chatbot.corpus.decoding import sniff_encoding
from chatbot.errors import LogError

CHINESE = "你好，最近怎么样？我很好。" * 5


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (CHINESE.encode("gb18030"), "gb18030"),
        ("Café déjà vu".encode("cp1252"), "cp1252"),
        (CHINESE.encode() + b"\xff stray", "utf-8"),
        (CHINESE.encode()[:-1], "utf-8"),
        (b"plain", "utf-8"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(data: bytes, encoding: str) -> None:
    assert sniff_encoding(data) == encoding


def test_the_users_word_wins() -> None:
    assert sniff_encoding(b"plain", "GBK") == "gbk"


@pytest.mark.parametrize(
    ("data", "chosen", "message"),
    [(b"", "", "is empty"), (b"a\0b", "", "byte 1: is binary"), (b"a", "utf-9", "utf-9"), (b"a", "hex", "hex")],
)
def test_what_is_no_text_is_an_error(data: bytes, chosen: str, message: str) -> None:
    with pytest.raises(LogError, match=message):
        sniff_encoding(data, chosen)
