"""Makes explanations: what a model weighed at each step of a reply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from chatbot.corpus.nearest import NearestQuestions
from chatbot.dialogue import Turn
from chatbot.explanation import Explanation, Neighbour, Step
from chatbot.generation.replier import Replier
from chatbot.text.clean import clean
from chatbot.text.context import OTHER, PAUSE, SELF
from chatbot.text.script import in_script

_OTHERS, _NEIGHBOURS = 4, 3
_LONGEST = 16
"""Tokens of one piece: tokens may straddle characters, but bytes that never make one must not swallow the rest."""
_MARKS = {SELF: "◂", OTHER: "▸", PAUSE: "⋯"}

Pairs = Callable[[], Sequence[tuple[str, str]]]


@dataclass
class Explainer:
    """Explains replies of ``replier``; ``pairs`` gives the (question, answer) texts that its model learnt from."""

    replier: Replier
    pairs: Pairs

    @cached_property
    def _known(self) -> tuple[Sequence[tuple[str, str]], NearestQuestions]:
        """The pairs, and where to find them: read when the first explanation needs them, and kept."""
        pairs = self.pairs()
        return pairs, NearestQuestions([question for question, _ in pairs])

    def explain(self, context: Sequence[Turn], answerer: str, seed: int) -> Explanation:
        """Return the explanation of the reply that ``stream`` makes with the same arguments."""
        task = self.replier.task([context], [answerer], [seed])
        (reply,) = self.replier.replies(self.replier.model, task)
        ids = [*reply.ids, *([task.end] if reply.finished else [])]
        logits, weights = self._follow(task.source, task.lengths, seed, [task.begin, *ids[:-1]])
        source = self._source(task.source[0])
        said = _Pieces.of(ids, self._name)
        shares = logits.float().softmax(-1)
        steps = [
            Step(
                piece,
                float(shares[places, [ids[place] for place in places]].prod()),
                self._others(shares[places[0]], ids[places[0]]),
                tuple(float(weights[places][:, part].sum(-1).mean()) for part in source.places),
            )
            for piece, places in zip(said.texts, said.places, strict=True)
        ]
        return Explanation(
            self.replier.shown(reply.ids), tuple(source.texts), tuple(steps), self._neighbours(context[-1].text)
        )

    def _source(self, ids: Tensor) -> "_Pieces":
        """Return the pieces of the source: of a picture, its cells."""
        shape = self.replier.model.pictures
        if shape is None:
            return _Pieces.of(ids.tolist(), self._name)
        side = round(shape.cells**0.5)
        names = [f"{row}.{column}" for row in range(1, side + 1) for column in range(1, side + 1)]
        return _Pieces(names, [[cell] for cell in range(shape.cells)])

    @torch.inference_mode()
    def _follow(self, source: Tensor, lengths: Tensor, seed: int, ids: list[int]) -> tuple[Tensor, Tensor]:
        """Return the logits [T, V] after each of ``ids``, and the attention [T, S] of each step."""
        model = self.replier.model
        state = model.start(source, lengths, [seed])
        logits, weights = [], []
        for token in ids:
            scores, state = model.step(state, torch.tensor([token], device=source.device))
            logits.append(scores[0])
            weights.append(state.weights[0])
        return torch.stack(logits), torch.stack(weights)

    def _others(self, shares: Tensor, chosen: int) -> tuple[tuple[str, float], ...]:
        best = shares.topk(min(_OTHERS + 1, len(shares)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return tuple((self._name([token]), share) for token, share in pairs if token != chosen)[:_OTHERS]

    def _name(self, ids: Sequence[int]) -> str:
        """Return how tokens are shown; part of a character is U+FFFD."""
        tokenizer = self.replier.tokenizer
        marks = {tokenizer.end: "⏎", **{number: _mark(tag) for tag, number in tokenizer.tags.items()}}
        return marks.get(ids[0], "") or clean(tokenizer.decode(ids)) or "␣"

    def _neighbours(self, message: str) -> tuple[Neighbour, ...]:
        pairs, nearest = self._known
        found = nearest.find(in_script(message, self.replier.text.script), _NEIGHBOURS)
        return tuple(Neighbour(*pairs[place], nearness) for place, nearness in found if nearness > 0)


def _mark(tag: str) -> str:
    """Return how a tag is shown: that of a speaker with its number."""
    return _MARKS.get(tag) or "▸" + "".join(filter(str.isdigit, tag))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Tokens put together until they make whole characters: texts, and the places of each one's tokens."""

    texts: list[str]
    places: list[list[int]]

    @classmethod
    def of(cls, ids: Sequence[int], name: Callable[[Sequence[int]], str]) -> "_Pieces":
        texts: list[str] = []
        places: list[list[int]] = []
        open_places: list[int] = []
        for place in range(len(ids)):
            open_places.append(place)
            text = name([ids[one] for one in open_places])
            if "\ufffd" not in text or len(open_places) >= _LONGEST:
                texts.append(text)
                places.append(open_places)
                open_places = []
        if open_places:
            texts.append(name([ids[one] for one in open_places]))
            places.append(open_places)
        return cls(texts, places)
