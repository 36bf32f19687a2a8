"""The training pair whose question is nearest: a baseline, and a way to see what a model has learnt from."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.dialogue import Pair
from chatbot.training.metrics import split_words


class NearestPairs:
    """Finds pairs by the words of their questions: cosine of TF-IDF weights (Salton and Buckley 1988)."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs
        counts = [_terms(pair.question[-1].text) for pair in pairs]
        seen = Counter(term for terms in counts for term in terms)
        self._idf = {term: float(np.log((1 + len(pairs)) / (1 + count))) + 1 for term, count in seen.items()}
        self._postings = self._index(counts)

    def find(self, question: str) -> Pair:
        """Return the pair whose question is most like ``question``; the first of equals."""
        scores = np.zeros(len(self.pairs))
        for term, count in _terms(question).items():
            if term in self._postings:
                rows, weights = self._postings[term]
                scores[rows] += count * self._idf[term] * weights
        return self.pairs[int(scores.argmax())]

    def _index(self, counts: list[Counter[str]]) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Return for each term the questions that have it, and its weight in each of them, of unit norm."""
        rows: dict[str, list[int]] = defaultdict(list)
        weights: dict[str, list[float]] = defaultdict(list)
        for row, terms in enumerate(counts):
            norm = sum((count * self._idf[term]) ** 2 for term, count in terms.items()) ** 0.5
            for term, count in terms.items():
                rows[term].append(row)
                weights[term].append(count * self._idf[term] / norm)
        return {term: (np.array(rows[term]), np.array(weights[term])) for term in rows}


def _terms(text: str) -> Counter[str]:
    return Counter(word.lower() for word in split_words(text))
