"""Numbered lines, as bAbI began them and PersonaChat and ParlAI's FbDialogTeacher have them.

A line is ``NUMBER TEXT``, then perhaps tab-separated ``LABEL|LABEL...``, reward and ``CANDIDATE|CANDIDATE...``. The
numbers begin anew with each dialogue. Lines ``your persona: ...`` and ``partner's persona: ...`` tell who is talking.
"""

import re
from collections.abc import Iterator

from chatbot.corpus.log import Part
from chatbot.corpus.readers.records import PERSONA, Said
from chatbot.corpus.tally import Tally

_NUMBERED = re.compile(r"(\d{1,9}) (.*\S.*)")
_PERSONA = re.compile(r"(your|partner's) persona:\s*")


def persona_line(text: str) -> str:
    """Return what a line tells about who answers, or about the partner, then marked so; of another line nothing."""
    found = _PERSONA.match(text)
    if not found:
        return ""
    return text[found.end() :] if found[1] == "your" else text


def persona_first(speaker: str, text: str) -> Said:
    """Return the lines of ``text`` that tell about who is talking as the persona's, the rest as the speaker's."""
    lines = text.split("\n")
    said = [(PERSONA, told) for line in lines if (told := persona_line(line))]
    rest = "\n".join(line for line in lines if not _PERSONA.match(line))
    return [*said, (speaker, rest)] if rest or not said else said


def first_label(labels: str) -> str:
    """Return the first of the labels, which bars part."""
    return written_out(labels.split("|", 1)[0])


def written_out(text: str) -> str:
    r"""Return ``text`` with the line ends, tabs and bars that ParlAI writes as ``\n``, ``\t`` and ``__PIPE__``."""
    return text.replace("\\t", "\t").replace("\\n", "\n").replace("__PIPE__", "|")


def looks_numbered(head: str) -> bool:
    """Tell whether lines count from 1 on, beginning anew at times, and some have a label."""
    lines = [line for line in head.split("\n") if line.strip()]
    whole = lines[:-1] if len(lines) > 1 and not head.endswith("\n") else lines
    last = 0
    for line in whole:
        found = _NUMBERED.match(line)
        if not found or int(found[1]) not in {1, last + 1}:
            return False
        last = int(found[1])
    return any("\t" in line for line in whole)


def numbered_dialogues(part: Part, tally: Tally, name: str, speakers: tuple[str, str]) -> Iterator[tuple[str, Said]]:
    """Yield the place of each dialogue and what was said, questions by the first speaker and labels by the second."""
    place, last, said = "", 0, Said()
    for number, line in part.lines(tally):
        if not line.strip():
            continue
        found = _NUMBERED.match(line.lstrip())
        if not found:
            tally.fault(f"{name}:{number}", line)
            continue
        if int(found[1]) <= last or not place:
            if place:
                yield place, said
            place, said = f"{name}:{number}", []
        last = int(found[1])
        said += _said(found[2], speakers)
    if place:
        yield place, said


def _said(line: str, speakers: tuple[str, str]) -> Said:
    text, *labels = line.split("\t")
    said = persona_first(speakers[0], written_out(text))
    if labels and labels[0].strip():
        said.append((speakers[1], first_label(labels[0])))
    return said
