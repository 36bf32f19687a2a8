"""The likeliest token, each time."""

from typing import Literal

from chatbot.generation.scorer import Scorer, State
from chatbot.generation.searches.search import Search, Steps, Task


class GreedySearch(Search):
    """``kind = "greedy"``."""

    kind: Literal["greedy"] = "greedy"

    def search(self, scorer: Scorer[State], task: Task) -> Steps:
        """Take the likeliest token at each step."""
        return self.one_by_one(scorer, task, lambda scores: scores.argmax(-1))
