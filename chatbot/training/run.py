"""One training of a bot: from prepared parts, through events, to a new version."""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chatbot.corpus.split import Exchanges, known_exchanges
from chatbot.dialogue import Pair
from chatbot.errors import CheckpointError
from chatbot.generation.shortlist import Known, save_pairs
from chatbot.model.checkpoint import save_tensors
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.curves import plot_curves
from chatbot.training.events import Event, Finished, Measuring, Started, Validated
from chatbot.training.metrics_file import MetricsFile
from chatbot.training.trainer import Trainer
from chatbot.training.versions import PAIRS, SETTINGS, WEIGHTS, Versions

_KNOWN, METRICS, CURVES = "known.npy", "metrics.jsonl", "curves.png"


@dataclass(frozen=True, slots=True)
class Kept:
    """Training ended in a new version, which is the current one now unless something speaks against it."""

    version: str
    path: Path
    card: dict[str, Any]

    @property
    def objections(self) -> list[str]:
        """What speaks against it."""
        return list(self.card.get("objections", []))

    @property
    def promoted(self) -> bool:
        """It is the current version."""
        return not self.objections or bool(self.card.get("forced"))


@dataclass(slots=True)
class Run:
    """A training that is ready to go. ``card`` is what is known of the version beforehand.

    ``pairs`` are what the version learns from; ``settings`` the frozen bot file.
    """

    trainer: Trainer
    tokenizer: Tokenizer
    versions: Versions
    settings: str
    pairs: Sequence[Pair]
    card: dict[str, Any]
    resumed: bool = False
    known_before: Exchanges = field(default_factory=lambda: np.empty(0, np.uint64))
    """Marks of the exchanges that the version's ancestors learnt from."""
    texts: list[Known] = field(default_factory=list)
    """The texts of pairs that it keeps, for a bot that says nothing else."""
    settle: Callable[[Trainer], dict[str, Any]] = lambda trainer: {}
    """Makes the weights that are kept of the best ones, and returns how, for the card."""
    compare: Callable[[Seq2Seq], dict[str, Any]] = lambda model: {}
    """Measures the trained model for the card."""
    judge: Callable[[dict[str, Any]], list[str]] = lambda figures: []
    """Returns what speaks against the version, going by those measures."""
    forced: bool = False
    """Promote it all the same."""
    note: Callable[[str], None] = lambda version: None
    """Writes down what must be known of a version by the time that it is there."""
    _figures: dict[str, Any] = field(default_factory=dict)

    def events(self) -> Iterator[Event | Kept]:
        """Train; yield what happens, and at last the version that came of it."""
        metrics = MetricsFile(self.versions.folder.parent / METRICS, self.resumed)
        for event in self.trainer.run():
            metrics.write(event)
            self._note(event)
            yield event
        yield Measuring()
        yield self._keep(metrics)

    @property
    def known(self) -> Exchanges:
        """Marks of the exchanges that the version and its ancestors learnt from."""
        return np.union1d(known_exchanges(self.pairs), self.known_before)

    def _note(self, event: Event) -> None:
        if isinstance(event, Started):
            self._figures |= {"parameters": event.parameters, "examples": event.examples, "padding": event.padding}
            self._figures |= {"device": event.device, "precision": event.precision}
        elif isinstance(event, Validated):
            figures = {"bits_per_byte": event.bits_per_byte, "word_perplexity": event.word_perplexity}
            if event.best or "validation" not in self._figures:
                self._figures["validation"] = {**figures, "step": event.step}
        elif isinstance(event, Finished):
            self._figures |= {"steps": event.step, "epochs": event.epoch, "seconds": event.seconds}
            self._figures |= {"tokens_per_second": event.tokens_per_second, "ended_by": event.reason}
            self._figures |= {"spent": asdict(event.spent)}

    def _keep(self, metrics: MetricsFile) -> Kept:
        self._figures |= self.settle(self.trainer)
        self.trainer.model.load_state_dict(self.trainer.best)
        self._figures |= self.compare(self.trainer.model.eval())
        machine = {"torch": torch.__version__, "python": platform.python_version()}
        against = self.judge(self._figures)
        quoted = {"quoted": len({known.answer for known in self.texts})} if self.texts else {}
        verdict = {"objections": against, "forced": self.forced} if against else {}
        card = {**self.card, **self._figures, **quoted, **verdict, "machine": machine}
        self.note(self.versions.next())
        name = self.versions.add(lambda folder: self._write(folder, metrics), card)
        if not against or self.forced:
            self.versions.promote(name)
        for leftover in (self.trainer.state_path, metrics.path):
            if leftover is not None:
                leftover.unlink(missing_ok=True)
        return Kept(name, self.versions.path(name), self.versions.card(name))

    def _write(self, folder: Path, metrics: MetricsFile) -> None:
        save_tensors(folder / WEIGHTS, self.trainer.best)
        self.tokenizer.save(folder)
        (folder / SETTINGS).write_text(self.settings, encoding="utf-8")
        (folder / METRICS).write_bytes(metrics.path.read_bytes())
        plot_curves(metrics.path, folder / CURVES)
        if self.texts:
            save_pairs(folder / PAIRS, self.texts)
        np.save(folder / _KNOWN, self.known, allow_pickle=False)


def load_known(folder: Path) -> Exchanges:
    """Return the marks of the exchanges that a version and its ancestors learnt from."""
    try:
        return np.asarray(np.load(folder / _KNOWN, allow_pickle=False), dtype=np.uint64)
    except (OSError, ValueError, EOFError) as error:
        raise CheckpointError(f"{folder / _KNOWN}: is damaged: {error}", "train the bot anew") from None
