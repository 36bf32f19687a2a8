"""Training: a generator of events. No callbacks, no logger and no display in the loop."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from chatbot.errors import CheckpointError, TrainingError
from chatbot.model.checkpoint import load_tensors, save_tensors
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.batch import Batch, make_batch
from chatbot.training.buckets import Indices, padding, plan_epoch
from chatbot.training.consolidation import Anchor
from chatbot.training.device import pick_precision
from chatbot.training.energy import Meter, Spent
from chatbot.training.events import Event, Finished, Saved, Started, Stepped, Validated
from chatbot.training.examples import Examples
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.loss import cross_entropy_sum, unlikelihood_sum
from chatbot.training.objectives import Objective, ReplyObjective
from chatbot.training.optimizer import Average, Optimizer
from chatbot.training.schedule import Schedule
from chatbot.training.settings import TrainingSettings
from chatbot.training.teacher import Teacher

_VALIDATING = 0.2
"""Seconds of validation for each second of learning, where there is a budget in minutes."""
Sampler = Callable[[Seq2Seq], list[tuple[str, str, str]]]
"""Shows what a model replies: (question, reply, reference)."""


@dataclass(slots=True)
class Position:
    """Where training stands: the next batch is number ``batch`` of ``epoch``.

    ``seconds`` were spent on steps, ``validating`` on validation; a budget in minutes is of both.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    validating: float = 0.0
    tokens: int = 0
    validations: int = 0
    worse: int = 0
    best: float = float("inf")


class Trainer:
    """Trains a model on examples; ``best`` then holds the averaged weights that validated best.

    A ``teacher``, when there is one, says what is to be learnt of old examples; an ``anchor`` holds the weights near
    those that these depend on; ``unlikelihood`` is the weight of disliked answers, which become less likely.
    What a resumed training needs goes to ``state_path``, if there is one. ``identity`` says what is trained on what,
    so that a state is only taken up by the training that it is of.
    """

    def __init__(
        self,
        model: Seq2Seq,
        examples: Examples,
        probe: Probe,
        tokenizer: Tokenizer,
        settings: TrainingSettings,
        device: torch.device,
        state_path: Path | None = None,
        identity: str = "",
        sampler: Sampler = lambda model: [],
        objective: Objective = ReplyObjective(),  # noqa: B008 - frozen
    ) -> None:
        if not len(examples):
            raise TrainingError("there is not one pair to train on", "chatbot corpus inspect shows what was dropped")
        self.model = model.to(device).train()
        self.examples, self.probe, self.tokenizer = examples, probe, tokenizer
        self.settings, self.device, self.objective = settings, device, objective
        self.state_path, self.identity, self.sampler = state_path, identity, sampler
        self.optimizer = Optimizer(self.model, settings)
        self.average = Average(self.model, settings.ema)
        self.schedule = Schedule(settings)
        self.precision = pick_precision(settings.precision, device)
        self.position = Position()
        self.best: dict[str, Tensor] = {}
        self.anchor: Anchor | None = None
        self.teacher: Teacher | None = None
        self.unlikelihood = 0.0
        self.meter = Meter(device)
        self._plan = self._plan_epoch()

    def run(self) -> Iterator[Event]:
        """Train until the budget is spent or patience ends, and yield what happens."""
        yield self._started()
        self.meter.begin()
        # A training that was killed between its end and its version is over already.
        reason = self._reason(self._progress()) if self.best else ""
        while not reason:
            stepped = self._step()
            self.meter.read()
            yield stepped
            if due := self._validation_is_due(stepped.progress):
                yield self._validate()
                reason = self._reason(stepped.progress)
            if self.state_path and (due or stepped.step % self.settings.save_steps == 0):
                self.save()
                yield Saved(stepped.step)
        position = self.position
        spent = self.meter.spent()
        yield Finished(position.step, self._epochs(), position.seconds, self._speed(), reason, spent)

    def save(self) -> None:
        """Write the state, whole; for the pauses between events."""
        tensors = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors |= {f"average/{name}": tensor for name, tensor in self.average.values.items()}
        tensors |= {f"optimizer/{name}": tensor for name, tensor in self.optimizer.tensors().items()}
        tensors |= {f"best/{name}": tensor for name, tensor in self.best.items()}
        if self.state_path:
            notes = {"position": asdict(self.position), "spent": asdict(self.meter.spent())}
            save_tensors(self.state_path, tensors, {"identity": self.identity, **notes})

    def resume(self) -> bool:
        """Take up the saved state, if it is of this training; tell whether it was."""
        if self.state_path is None or not self.state_path.exists():
            return False
        try:
            tensors, notes = load_tensors(self.state_path)
        except CheckpointError:  # a state is a convenience: without it, training begins anew
            return False
        if notes.get("identity") != self.identity:
            return False
        try:
            self.position, self.meter.before = Position(**notes["position"]), Spent(**notes.get("spent", {}))
            self.model.load_state_dict(_under("model", tensors))
            self.average.restore(_under("average", tensors))
            self.optimizer.restore(_under("optimizer", tensors))
        except (RuntimeError, TypeError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise TrainingError(f"{self.state_path}: cannot be gone on with: {reason}", "begin anew: --fresh") from None
        self.best = _under("best", tensors)
        self._plan = self._plan_epoch()
        return True

    def _step(self) -> Stepped:
        begun = time.perf_counter()
        position = self.position
        progress = self._progress()
        batch = self._next_batch()
        # The randomness of a step is a pure function of seed and step: there is no generator state to keep.
        torch.manual_seed(self.settings.seed * 1_000_003 + position.step)
        loss, penalty = self._loss(batch, progress)
        ((loss if penalty is None else loss + penalty) / batch.tokens).backward()
        if self.anchor is not None:
            self.anchor.pull()
        rate = self.schedule.rate(position.step, progress)
        self.optimizer.step(rate)
        self.average.update(position.step)
        value = float(loss.detach()) / batch.tokens
        position.step += 1
        position.tokens += batch.tokens
        position.seconds += time.perf_counter() - begun
        return Stepped(position.step, self._epochs(), value, rate, self._speed(), self._progress(), position.seconds)

    def _loss(self, batch: Batch, progress: float) -> tuple[Tensor, Tensor | None]:
        """Return the batch's cross-entropy and what the objective adds to it, in nats."""
        with self._autocast():
            reading = self.model.read(batch)
            outputs = self.model.follow(reading.state, batch.inputs, self.objective.word_dropout_of_targets())
        taught = batch.recalled if self.teacher else torch.zeros_like(batch.recalled)
        learnt = batch.real & ~(batch.disliked | taught)[:, None]
        weight, bias = self.model.embedding.weight, self.model.bias
        loss = cross_entropy_sum(outputs[learnt], weight, bias, batch.targets[learnt])
        penalty = self.objective.penalty(reading, batch.targets, self.tokenizer.pad, weight, progress)
        more: list[Tensor] = [] if penalty is None else [penalty]
        if self.teacher and taught.any():
            cost = self._taught(self.teacher, batch.rows(taught), outputs[batch.real & taught[:, None]])
            loss = loss + cost
            more.append((self.teacher.weight - 1) * cost)
        if self.unlikelihood and batch.disliked.any():
            unsaid = batch.real & batch.disliked[:, None]
            more.append(self.unlikelihood * unlikelihood_sum(outputs[unsaid], weight, bias, batch.targets[unsaid]))
        return loss, sum(more[1:], more[0]) if more else None

    def _taught(self, teacher: Teacher, batch: Batch, outputs: Tensor) -> Tensor:
        with self._autocast():
            return teacher.cost(batch, outputs, self.model)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32)

    def _next_batch(self) -> Batch:
        """Return the next batch and move on, into the next epoch after the last."""
        indices = self._plan[self.position.batch]
        self.position.batch += 1
        if self.position.batch == len(self._plan):
            self.position.epoch, self.position.batch = self.position.epoch + 1, 0
            self._plan = self._plan_epoch()
        dice = np.random.default_rng([self.settings.seed, self.position.step])
        pad, begin = self.tokenizer.pad, self.tokenizer.begin
        return make_batch(
            self.examples, indices, pad, begin, self.device, lambda source: self.objective.blur(source, dice)
        )

    def _plan_epoch(self) -> list[Indices]:
        source, target = self.examples.source.lengths, self.examples.target.lengths
        return plan_epoch(source, target, self.settings.batch_tokens, self.settings.seed, self.position.epoch)

    def _validation_is_due(self, progress: float) -> bool:
        if progress >= 1 - 1e-9:
            return True
        due = (self.position.validations + 1) / self.settings.validations
        # Of a budget in minutes that is short for so many validations, they must leave most to learning.
        hasty = self.settings.minutes is not None and self.position.validating > _VALIDATING * self.position.seconds
        return progress >= due - 1e-9 and not hasty

    def _validate(self) -> Validated:
        begun = time.perf_counter()
        position = self.position
        position.validations += 1
        self.average.swap()
        self.model.eval()
        nats = measure_nats(self.model, self.probe.examples, self.tokenizer, self.device, self.precision)
        found = self.probe.likelihood(nats.total)
        cost = self.objective.held_out_cost(nats) / max(1, found.tokens)
        best = cost < position.best or not self.best
        # Without held-out pairs, the latest is the best.
        if best or not len(nats.answers) or self.settings.train_on_all:
            position.best, position.worse = cost, 0
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        else:
            position.worse += 1
        samples = self.sampler(self.model)
        self.model.train()
        self.average.swap()
        position.validating += time.perf_counter() - begun
        return Validated(
            position.step, self._epochs(), found.loss, found.bits_per_byte, found.word_perplexity, best,
            position.seconds, samples,
        )  # fmt: skip

    def _reason(self, progress: float) -> str:
        if progress >= 1:
            return "budget"
        return "patience" if 0 < self.settings.patience <= self.position.worse else ""

    def _started(self) -> Started:
        lengths = self.examples.source.lengths, self.examples.target.lengths
        size = sum(parameter.numel() for parameter in self.model.parameters())
        share = padding(*lengths, self._plan)
        precision = str(self.precision).removeprefix("torch.")
        return Started(self.position.step, len(self.examples), size, share, str(self.device), precision)

    def _progress(self) -> float:
        seconds = self.position.seconds + self.position.validating
        return self.schedule.progress(self.position.step, self._epochs(), seconds)

    def _epochs(self) -> float:
        return self.position.epoch + self.position.batch / len(self._plan)

    def _speed(self) -> float:
        return self.position.tokens / max(1e-9, self.position.seconds)


def _under(folder: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    prefix = f"{folder}/"
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
