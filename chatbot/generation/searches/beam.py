"""Beam search with length normalisation (Sutskever et al. 2014; Wu et al. 2016 for the normalisation)."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from chatbot.generation.scorer import Scorer, State
from chatbot.generation.searches.search import Reply, Search, Steps, Task, at_once


class BeamSearch(Search):
    """``kind = "beam"``. Decides at the end only, so its tokens come all at once."""

    kind: Literal["beam"] = "beam"
    beams: int = Field(4, ge=1, le=256)
    """How many beginnings to keep."""
    length_power: float = Field(0.7, ge=0, le=2)
    """Scores are divided by length to this power: 0 favours short replies, 1 is the mean per token."""

    def search(self, scorer: Scorer[State], task: Task) -> Steps:
        """Keep the ``beams`` best beginnings of each row, until no better whole reply can come."""
        rows = [_Row([Reply()] + [Reply(score=float("-inf")) for _ in range(self.beams - 1)]) for _ in task.lengths]
        each = torch.arange(len(rows), device=task.source.device).repeat_interleave(self.beams)
        state = scorer.start(task.source, task.lengths, task.seeds).select(each)
        ids = torch.full_like(each, task.begin)
        for _ in range(self.longest):
            logits, state = scorer.step(state, ids)
            alive = [reply for row in rows for reply in row.alive]
            parents = self._advance(rows, self.rule_out(logits, task, alive), task.end)
            if all(row.closed for row in rows):
                break
            state = state.select(torch.tensor(parents, device=each.device))
            ids = torch.tensor([_last(reply, task.end) for row in rows for reply in row.alive], device=each.device)
        return (yield from at_once([self._best(row) for row in rows]))

    def _advance(self, rows: list["_Row"], scores: Tensor, end: int) -> list[int]:
        """Extend every row's replies; return for each new one the place of its parent in the batch."""
        totals = torch.tensor([reply.score for row in rows for reply in row.alive], device=scores.device)
        table = (scores.double() + totals[:, None].double()).view(len(rows), -1)
        best = table.topk(min(2 * self.beams, table.shape[-1]))
        parents = []
        for number, row in enumerate(rows):
            candidates = zip(best.values[number].tolist(), best.indices[number].tolist(), strict=True)
            chosen = self._extend(row, list(candidates), scores.shape[-1], end)
            parents += [number * self.beams + parent for parent in chosen]
        return parents

    def _extend(self, row: "_Row", candidates: list[tuple[float, int]], size: int, end: int) -> list[int]:
        """Let the row go on with its best candidates; return their parents within the row."""
        if row.closed:
            return list(range(self.beams))
        alive: list[tuple[int, Reply]] = []
        for rank, (score, place) in enumerate(candidates):
            parent, token = divmod(place, size)
            if token == end:
                if rank < self.beams:
                    row.whole.append(Reply(row.alive[parent].ids, score, finished=True))
            elif len(alive) < self.beams:
                alive.append((parent, Reply([*row.alive[parent].ids, token], score)))
        while len(alive) < self.beams:  # a vocabulary smaller than two beams
            alive.append((0, Reply(row.alive[0].ids, float("-inf"))))
        row.alive = [reply for _, reply in alive]
        row.closed = self._is_closed(row)
        return [parent for parent, _ in alive]

    def _is_closed(self, row: "_Row") -> bool:
        return len(row.whole) >= self.beams or row.alive[0].score == float("-inf")

    def _best(self, row: "_Row") -> Reply:
        return max(row.whole or row.alive, key=self._normalised)

    def _normalised(self, reply: Reply) -> float:
        return float(reply.score / (len(reply.ids) + 1) ** self.length_power)


@dataclass(slots=True)
class _Row:
    """The beginnings of one row's reply, best first, and the whole replies found."""

    alive: list[Reply]
    whole: list[Reply] = field(default_factory=list)
    closed: bool = False


def _last(reply: Reply, end: int) -> int:
    return reply.ids[-1] if reply.ids else end
