"""The curve of a training on disk: ``metrics.jsonl``, one object a line, appended as it happens."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chatbot.training.events import Event, Stepped, Validated

_EVERY = 10
"""One step in so many is written."""


class MetricsFile:
    """Writes steps and validations; a resumed training goes on in the same file."""

    def __init__(self, path: Path, resumed: bool) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if resumed else ""
        path.write_text(whole and whole + "\n", encoding="utf-8")

    def write(self, event: Event) -> None:
        """Append an event that belongs to the curve."""
        if isinstance(event, Stepped) and event.step % _EVERY == 0:
            self._append("step", asdict(event))
        elif isinstance(event, Validated):
            self._append("validation", {key: value for key, value in asdict(event).items() if key != "samples"})

    def _append(self, kind: str, record: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"event": kind, **record}) + "\n")


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Return the records of a curve, oldest first; a step that a crash made twice counts once, half a line not."""
    records = [record for line in path.read_text(encoding="utf-8").splitlines() if (record := _parse(line))]
    return sorted({(record["event"], record["step"]): record for record in records}.values(), key=lambda r: r["step"])


def _parse(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) and {"event", "step"} <= record.keys() else {}
