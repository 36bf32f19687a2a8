"""Answers turns: context to ids, search, ids to text."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chatbot.dialogue import Turn
from chatbot.generation.scorer import Scorer
from chatbot.generation.searches import Candidate, KnownSearch, Reply, Search, Task
from chatbot.generation.searches.search import Steps
from chatbot.generation.shortlist import Shortlist
from chatbot.model.seq2seq import Seq2Seq
from chatbot.pictures import PictureShape, load_pictures
from chatbot.text.context import TextSettings, render_answer, render_context, render_reply, render_speaker
from chatbot.text.script import turns_in_script
from chatbot.text.tokenizer import Tokenizer

_DRAWN_TOGETHER = 2
"""How many last words of a spaced reply may yet change, as "I '" does when an "m" comes."""


@dataclass(frozen=True, slots=True)
class Replier:
    """A model with all that it takes to answer people."""

    model: Seq2Seq
    tokenizer: Tokenizer
    text: TextSettings
    search: Search
    device: torch.device
    shortlist: Shortlist | None = None

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        """Yield the reply of ``answerer`` to a context, oldest turn first, in pieces as they are decided."""
        ids: list[int] = []
        shown = ""
        for (token,) in self._steps(self.model, self.task([context], [answerer], [seed])):
            if token is not None:
                ids.append(token)
            settled = self._settled(ids)
            if len(settled) > len(shown):
                yield settled[len(shown) :]
                shown = settled
        if rest := self.shown(ids)[len(shown) :]:
            yield rest

    def answers(self, contexts: Sequence[Sequence[Turn]], answerers: Sequence[str], seeds: Sequence[int]) -> list[str]:
        """Return one reply to each context, made in one batch, as the target side of training has text."""
        return self.finish(self.model, self.task(contexts, answerers, seeds))

    def finish(self, scorer: Scorer[Any], task: Task) -> list[str]:
        """Return the replies of a task as the target side of training has text."""
        found = self.replies(scorer, task)
        return [render_answer(self.tokenizer.decode(reply.ids).replace("\ufffd", "")) for reply in found]

    def replies(self, scorer: Scorer[Any], task: Task, until: float | None = None) -> list[Reply]:
        """Return the replies of a task as ids; what there is of them when ``time.monotonic()`` comes to ``until``."""
        steps = self._steps(scorer, task)
        decided = [Reply() for _ in task.lengths]
        while until is None or time.monotonic() < until:
            try:
                tokens = next(steps)
            except StopIteration as stop:
                found: list[Reply] = stop.value
                return found
            for reply, token in zip(decided, tokens, strict=True):
                if token is not None:
                    reply.ids.append(token)
        return decided

    def shown(self, ids: Sequence[int]) -> str:
        """Return a reply as people see it; bytes that make no character are left out."""
        return render_reply(self.tokenizer.decode(ids).replace("\ufffd", ""), self.text)

    def _settled(self, ids: Sequence[int]) -> str:
        """Return the part of a reply that further tokens cannot change."""
        shown = self.shown(ids)
        return " ".join(shown.split(" ")[:-_DRAWN_TOGETHER]) if self.text.spaced else shown

    # The decorator, unlike a with block, leaves inference mode whenever the generator rests.
    @torch.inference_mode()
    def _steps(self, scorer: Scorer[Any], task: Task) -> Steps:
        return (yield from self.search.search(scorer, task))

    def task(self, contexts: Sequence[Sequence[Turn]], answerers: Sequence[str], seeds: Sequence[int]) -> Task:
        """Return what a search needs to know to answer each context."""
        tokenizer = self.tokenizer
        if self.model.pictures:
            return self._looking_at([turns[-1].text for turns in contexts], self.model.pictures, tuple(seeds))
        contexts = [turns_in_script(turns, self.text.script) for turns in contexts]
        rendered = [render_context(*asked, self.text) for asked in zip(contexts, answerers, strict=True)]
        rows = tokenizer.encode_contexts(rendered, self.text.context_tokens)
        lengths = torch.tensor([len(row) for row in rows], device=self.device)
        padded = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], True, tokenizer.pad)
        candidates = tuple(map(self._candidates, contexts, answerers))
        return self.task_of(padded.to(self.device), lengths, tuple(seeds), candidates)

    def _looking_at(self, paths: Sequence[str], shape: PictureShape, seeds: tuple[int, ...]) -> Task:
        pictures = torch.from_numpy(load_pictures(paths, shape)).to(self.device)
        return self.task_of(pictures, torch.full((len(paths),), shape.cells, device=self.device), seeds, ())

    def task_of(
        self, source: Tensor, lengths: Tensor, seeds: tuple[int, ...], candidates: tuple[tuple[Candidate, ...], ...]
    ) -> Task:
        """Return a task with the ids that no reply holds."""
        tokenizer = self.tokenizer
        never = (tokenizer.pad, tokenizer.begin, *tokenizer.tags.values())
        return Task(source, lengths, tokenizer.begin, tokenizer.end, never, seeds, candidates)

    def _candidates(self, turns: Sequence[Turn], answerer: str) -> tuple[Candidate, ...]:
        if self.shortlist is None or not isinstance(self.search, KnownSearch):
            return ()
        tag = render_speaker(answerer, answerer, self.text)
        return self.shortlist.candidates(turns[-1].text, self.search.nearest, tag)
