"""Kinds of searches: how a reply is chosen from a model's scores."""

from typing import Annotated

from pydantic import Field

from chatbot.generation.searches.beam import BeamSearch
from chatbot.generation.searches.greedy import GreedySearch
from chatbot.generation.searches.known import KnownSearch
from chatbot.generation.searches.sampling import SamplingSearch
from chatbot.generation.searches.search import Candidate, Reply, Search, Task

SEARCHES: dict[str, type[Search]] = {
    "beam": BeamSearch,
    "greedy": GreedySearch,
    "known": KnownSearch,
    "sampling": SamplingSearch,
}
AnySearch = Annotated[BeamSearch | GreedySearch | KnownSearch | SamplingSearch, Field(discriminator="kind")]

__all__ = [
    "SEARCHES",
    "AnySearch",
    "BeamSearch",
    "Candidate",
    "GreedySearch",
    "KnownSearch",
    "Reply",
    "SamplingSearch",
    "Search",
    "Task",
]
