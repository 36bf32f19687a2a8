"""Reading one web page of any size: the elements of a class, one at a time.

It is made for pages that programs write. The library's parser would take quadratic time where tags never end.
"""

import html
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from chatbot.corpus.log import Part
from chatbot.corpus.tally import Tally

_CHUNK = 2**18
"""Characters read at once, and the most that a tag may have."""
_DEEPEST, _LONGEST = 100, 2**20
"""How deep elements may be nested in one, and how many characters it may have."""
_TAG = re.compile(r"<(?:(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)|[!?])(?P<attributes>[^<>]*+)>")
_ATTRIBUTE = re.compile(r"""([^\s=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(\S++)))?""")
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
"""Elements without an end."""
_LINES = {"h1", "h2", "h3", "li"}
_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-zA-Z0-9_]{2,64}")


@dataclass(slots=True)
class Element:
    """An element with its attributes and what is in it, both as they are written."""

    name: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)
    whole: bool = True
    """It is not so long or so deep that the rest is missing."""

    @property
    def classes(self) -> list[str]:
        """The classes that it is of."""
        return self.attribute("class").split()

    def attribute(self, name: str) -> str:
        """Return what an attribute says; nothing if it is not there."""
        return unescape(self.attributes.get(name, ""))

    def is_of(self, *classes: str) -> bool:
        """Return whether it is of one of the classes."""
        return not set(classes).isdisjoint(self.classes)

    def all(self, *classes: str) -> Iterator["Element"]:
        """Yield the elements in it that are of one of the classes, in their order."""
        for inner in self.inside:
            if isinstance(inner, Element):
                if inner.is_of(*classes):
                    yield inner
                yield from inner.all(*classes)

    def first(self, *classes: str) -> "Element | None":
        """Return the first element in it that is of one of the classes."""
        return next(self.all(*classes), None)

    def text(self) -> str:
        """Return the text in it, with line breaks, and for pictures of emoji the emoji."""
        return unescape(self._written())

    def _written(self) -> str:
        if self.name == "br":
            return "\n"
        if self.name == "img":
            alt = self.attributes.get("alt", "")
            return f":{alt}:" if _WORD.fullmatch(alt) else alt
        inside = "".join(inner if isinstance(inner, str) else inner._written() for inner in self.inside)
        return inside + "\n" if self.name in _LINES else inside


def elements(part: Part, classes: Collection[str], tally: Tally) -> Iterator[tuple[int, Element]]:
    """Yield each outermost element that is of one of the ``classes``, with its number.

    The last one is left out when the page ends in it, and counted.
    """
    number, path, size = 0, list[Element](), 0
    for piece in _pieces(part, tally):
        if path and size <= _LONGEST and len(path) <= _DEEPEST:
            size += len(piece if isinstance(piece, str) else piece[0])
            _add(path, piece)
            if len(path) == 1:
                yield number, path.pop().inside[0]  # type: ignore[misc]
        elif path:
            path[1].whole = False
            yield number, path[1]
            path = []
        elif isinstance(piece, re.Match) and not piece["end"] and (begun := _element(piece)).is_of(*classes):
            number, path, size = number + 1, [Element("", {}, [begun]), begun], 0
    if path:
        tally.fault(f"{part.name}:{number}", "the page ends in it")


def is_page(head: str) -> bool:
    """Return whether what begins with ``head`` is a web page."""
    return _PAGE.match(head) is not None


def unescape(text: str) -> str:
    """Return a text with the characters that ``&amp;``, ``&#8217;`` and their like stand for."""
    try:
        return html.unescape(text) if "&" in text else text
    except ValueError:  # a number of thousands of digits
        return text


def _pieces(part: Part, tally: Tally) -> Iterator[re.Match[str] | str]:
    """Yield tags, and the text between them, which may come in several pieces."""
    with io.TextIOWrapper(part.open_utf8(tally.replace), "utf-8", newline=None) as stream:
        rest = ""
        while chunk := stream.read(_CHUNK):
            text, place = rest + chunk, 0
            for found in _TAG.finditer(text):
                yield text[place : found.start()]
                yield found
                place = found.end()
            cut = text.rfind("<", place)  # a tag may begin here that ends in the next chunk
            cut = len(text) if cut < 0 or len(text) - cut > _CHUNK else cut
            yield text[place:cut]
            rest = text[cut:]
        yield rest


def _add(path: list[Element], piece: re.Match[str] | str) -> None:
    """Add a tag or a text to the innermost element of ``path``, and go into the element or out of it."""
    if isinstance(piece, str):
        path[-1].inside.append(piece)
    elif piece["end"]:
        # What lacks its end, as some may, ends with what it is in.
        place = next((place for place in range(len(path) - 1, 0, -1) if path[place].name == piece["name"].lower()), 0)
        del path[place or len(path) :]
    elif piece["name"]:
        path[-1].inside.append(begun := _element(piece))
        if begun.name not in _EMPTY:
            path.append(begun)


def _element(tag: re.Match[str]) -> Element:
    values = {
        found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(tag["attributes"])
    }
    return Element((tag["name"] or "").lower(), values)
