"""Whole answers of the corpus: the nearest questions name candidates, the model chooses (Song et al. 2018)."""

from dataclasses import replace
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from chatbot.generation.scorer import Scorer, State
from chatbot.generation.searches.beam import BeamSearch
from chatbot.generation.searches.search import Reply, Search, Steps, Task, at_once


class KnownSearch(Search):
    """``kind = "known"``. The bot says only what stands in its corpus; without one, it makes replies up by beam search.

    A candidate's score is its mean log-probability per token, given the whole context, and how near its question is to
    the message: the words choose the subject, the model what fits in the conversation.
    """

    kind: Literal["known"] = "known"
    nearest: int = Field(10, ge=1, le=1000)
    """How many answers to choose from."""
    nearness: float = Field(10.0, ge=0)
    """What an identical question counts, in nats per token."""
    temperature: float = Field(0.3, ge=0, le=10)
    """0: the best answer always; else draw, so that a message asked again may get another answer."""

    def search(self, scorer: Scorer[State], task: Task) -> Steps:
        """Choose one candidate a row."""
        known = [row for row, candidates in enumerate(task.candidates) if candidates]
        others = [row for row in range(len(task.lengths)) if row not in set(known)]
        replies: dict[int, Reply] = {}
        if known:
            replies |= zip(known, self._choose(scorer, task, known), strict=True)
        if others:
            beam = BeamSearch(longest=self.longest, no_repeat_ngram=self.no_repeat_ngram or 3)
            steps = beam.search(scorer, _rows(task, others))
            replies |= zip(others, (yield from _silently(steps, len(task.lengths))), strict=True)
        return (yield from at_once([replies[row] for row in range(len(task.lengths))]))

    def _choose(self, scorer: Scorer[State], task: Task, rows: list[int]) -> list[Reply]:
        each = torch.tensor([row for row in rows for _ in task.candidates[row]], device=task.source.device)
        answers = [candidate.ids for row in rows for candidate in task.candidates[row]]
        totals = _log_probabilities(scorer, task, each, answers).tolist()
        replies = []
        for row in rows:
            count = len(task.candidates[row])
            replies.append(self._pick(task, row, totals[:count]))
            totals = totals[count:]
        return replies

    def _pick(self, task: Task, row: int, totals: list[float]) -> Reply:
        candidates = task.candidates[row]
        scores = torch.tensor(
            [total / len(one.ids) + self.nearness * one.nearness for total, one in zip(totals, candidates, strict=True)]
        )
        if self.temperature and task.seeds:
            die = torch.Generator().manual_seed(task.seeds[row])
            scores -= self.temperature * torch.empty_like(scores).exponential_(generator=die).log()
        best = int(scores.argmax())
        return Reply(list(candidates[best].ids[:-1]), totals[best], finished=True)


def _log_probabilities(scorer: Scorer[State], task: Task, each: Tensor, answers: list[tuple[int, ...]]) -> Tensor:
    """Return the log-probability [N] in nats of each of N answers to the row of the batch that ``each`` names."""
    longest = max(len(answer) for answer in answers)
    targets = torch.tensor([[*answer, *[-1] * (longest - len(answer))] for answer in answers], device=each.device)
    state = scorer.start(task.source, task.lengths, task.seeds).select(each)
    ids = torch.full_like(each, task.begin)
    totals = torch.zeros(len(answers), device=each.device)
    for place in range(longest):
        logits, state = scorer.step(state, ids)
        real = targets[:, place] >= 0
        ids = targets[:, place].clamp(min=0)
        totals += logits.float().log_softmax(-1).gather(1, ids[:, None])[:, 0] * real
    return totals


def _rows(task: Task, rows: list[int]) -> Task:
    chosen = torch.tensor(rows, device=task.source.device)
    seeds = tuple(task.seeds[row] for row in rows) if task.seeds else ()
    return replace(task, source=task.source[chosen], lengths=task.lengths[chosen], seeds=seeds, candidates=())


def _silently(steps: Steps, rows: int) -> Steps:
    """Run a search of some rows without showing its tokens, but let the caller breathe at each step."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        yield [None] * rows
