"""What every search is, and the loop that the searches of one reply a row share."""

from abc import abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import torch
from pydantic import Field
from torch import Tensor

from chatbot.generation.logits import forbid, forbid_repeated_ngrams
from chatbot.generation.scorer import Scorer, State
from chatbot.settings import Settings

Steps = Generator[list[int | None], None, list["Reply"]]
"""What a search yields, each row's next token (None: none), and returns: the replies."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer to choose, its end included; ``nearness`` of its question to the message is from 0 to 1."""

    ids: tuple[int, ...]
    nearness: float


@dataclass(frozen=True, slots=True)
class Task:
    """What to answer: ``source`` [B, S] with ``lengths`` [B], and the ids that searches must know.

    ``never`` are ids that no reply holds (padding, tags). ``seeds`` has one seed a row, ``candidates``
    the answers that a row may be given, for searches that choose among some.
    """

    source: Tensor
    lengths: Tensor
    begin: int
    end: int
    never: tuple[int, ...] = ()
    seeds: tuple[int, ...] = ()
    candidates: tuple[tuple[Candidate, ...], ...] = ()


@dataclass(slots=True)
class Reply:
    """The ids of one reply, without its end; ``score`` is its log-probability in nats, the end's included."""

    ids: list[int] = field(default_factory=list)
    score: float = 0.0
    finished: bool = False


class Search(Settings):
    """Settings of a search, with the verb that carries it out: the ``[search]`` table of a bot file."""

    longest: int = Field(64, ge=1, le=4096)
    """Most tokens of a reply."""
    no_repeat_ngram: int = Field(0, ge=0, le=20)
    """No reply holds the same n-gram of this size twice; 0: it may."""

    @abstractmethod
    def search(self, scorer: Scorer[State], task: Task) -> Steps:
        """Yield tokens as they are decided and return one reply a row."""

    def rule_out(self, logits: Tensor, task: Task, replies: list[Reply]) -> Tensor:
        """Return log-probabilities [B, V], without what a reply must not hold next."""
        scores = forbid(logits.float().log_softmax(-1), task.never)
        empty = [row for row, reply in enumerate(replies) if not reply.ids and not reply.finished]
        scores[empty, task.end] = float("-inf")
        return forbid_repeated_ngrams(scores, [reply.ids for reply in replies], self.no_repeat_ngram)

    def one_by_one(self, scorer: Scorer[State], task: Task, choose: Callable[[Tensor], Tensor]) -> Steps:
        """Search token by token; ``choose`` takes log-probabilities [B, V] and returns ids [B]."""
        replies = [Reply() for _ in range(len(task.lengths))]
        state = scorer.start(task.source, task.lengths, task.seeds)
        ids = torch.full_like(task.lengths, task.begin)
        for _ in range(self.longest):
            logits, state = scorer.step(state, ids)
            scores = self.rule_out(logits, task, replies)
            ids = choose(scores)
            gains = scores.gather(1, ids[:, None])[:, 0].tolist()
            yield [_extend(*row, task.end) for row in zip(replies, ids.tolist(), gains, strict=True)]
            if all(reply.finished for reply in replies):
                break
        return replies


def _extend(reply: Reply, token: int, gain: float, end: int) -> int | None:
    """Take one more token into the reply; return it unless the reply is over."""
    if reply.finished:
        return None
    reply.score += gain
    if token == end:
        reply.finished = True
        return None
    reply.ids.append(token)
    return token


def at_once(replies: list[Reply]) -> Steps:
    """Yield the tokens of replies that are whole already, and return them."""
    for position in range(max(len(reply.ids) for reply in replies)):
        yield [reply.ids[position] if position < len(reply.ids) else None for reply in replies]
    return replies
