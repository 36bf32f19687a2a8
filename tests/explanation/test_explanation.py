"""Explanations, looked at in every way."""

import io
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from chatbot.errors import ChatbotError
from chatbot.explanation import Explanation, Neighbour, Step
from chatbot.explanation.page import as_html, as_svg
from chatbot.explanation.picture import as_png
from chatbot.explanation.terminal import show_explanation

FOUND = Explanation(
    "ho好",
    ("▸", "<hi>", "你"),
    (
        Step("ho", 0.75, (("hi", 0.2), ("&", 0.05)), (0.1, 0.9, 0.0)),
        Step("好", 0.5, (("吗", 0.25),), (0.0, 0.0, 1.0)),
    ),
    (Neighbour("hey <you>", "yes", 0.5),),
)
BLIND = Explanation("b", ("a",), (Step("b", 1.0, (), (0.0,)),))


def shown(found: Explanation, colours: bool) -> str:
    stream = io.StringIO()
    show_explanation(
        found, Console(file=stream, width=100, force_terminal=colours, color_system="truecolor" if colours else None)
    )
    return stream.getvalue()


def test_a_terminal_shows_pieces_chances_and_what_was_looked_at() -> None:
    text = shown(FOUND, colours=False)
    assert "<hi> 90%" in text
    assert "hi 20%" in text
    assert "0.50  hey <you> -> yes" in text
    assert "48;2;0;0;255" in shown(FOUND, colours=True)


def test_without_attention_nothing_is_said_of_it() -> None:
    assert "looking" not in shown(BLIND, colours=False)
    assert "looked" not in as_html(BLIND, "a")


def test_the_drawing_has_a_box_for_every_weight() -> None:
    root = ET.fromstring(as_svg(FOUND))
    boxes = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("stroke")]
    assert len(boxes) == 6
    assert boxes[5].get("fill") == "rgb(0,0,255)"
    assert {"<hi>", "你", "好"} <= {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}


def test_the_page_is_whole_and_shows_what_was_typed_as_text() -> None:
    page = as_html(FOUND, "<script>alert(1)</script>")
    assert "<script" not in page
    assert "hey &lt;you&gt;" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_picture_is_drawn_or_says_which_font_is_missing() -> None:
    pytest.importorskip("matplotlib")
    assert as_png(BLIND).startswith(b"\x89PNG")
    try:
        assert as_png(FOUND).startswith(b"\x89PNG")
    except ChatbotError as error:
        assert "Chinese" in error.message
        assert ".svg" in error.hint
