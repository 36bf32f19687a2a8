"""What a conversation talks through: replies, why they came, and how they are chosen."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from chatbot.dialogue import Turn
from chatbot.errors import SettingsError
from chatbot.explanation import Explanation
from chatbot.generation.explainer import Explainer, Pairs
from chatbot.generation.replier import Replier
from chatbot.generation.searches import SEARCHES, KnownSearch, Search
from chatbot.settings import parse_settings, suggest


class BotAnswerer:
    """A replier that can be asked why, and told to choose its replies in another way."""

    def __init__(self, replier: Replier, pairs: Pairs) -> None:
        """Answer with ``replier``, whose model has learnt from ``pairs``."""
        self._explainer = Explainer(replier, pairs)

    @property
    def settings(self) -> str:
        """How replies are chosen, as JSON."""
        return self._explainer.replier.search.model_dump_json()

    def set(self, key: str, value: str) -> None:
        """Choose replies otherwise from now on; another kind of search begins with its own defaults.

        Raises:
            SettingsError: this kind of search has no such setting, or not such a value.
        """
        replier = self._explainer.replier
        kind, settings = type(replier.search), replier.search.model_dump()
        if key == "kind" and value != settings["kind"]:
            if value not in SEARCHES:
                raise SettingsError(f'/set: unknown kind "{value}"{suggest(value, list(SEARCHES))}')
            kind, settings = SEARCHES[value], replier.search.model_dump(include=set(Search.model_fields))
        changed = parse_settings({**settings, key: value}, kind, Path("/set"))
        if isinstance(changed, KnownSearch) and replier.shortlist is None:
            raise SettingsError("/set: this version keeps no answers to choose among", "train it with that kind")
        self._explainer.replier = replace(replier, search=changed)

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        """Yield the reply of ``answerer`` to a context in pieces."""
        return self._explainer.replier.stream(context, answerer, seed)

    def answers(
        self, contexts: Sequence[Sequence[Turn]], answerer: str, seeds: Sequence[int], seconds: float
    ) -> list[str]:
        """Return the replies that ``stream`` gives, made in one batch, or what there is of them after so long."""
        replier = self._explainer.replier
        until = time.monotonic() + seconds
        task = replier.task(contexts, [answerer] * len(contexts), seeds)
        return [replier.shown(reply.ids) for reply in replier.replies(replier.model, task, until)]

    def explain(self, context: Sequence[Turn], answerer: str, seed: int) -> Explanation:
        """Return the explanation of the reply that ``stream`` makes with the same arguments."""
        return self._explainer.explain(context, answerer, seed)
