"""The pairs whose questions are nearest to a text."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.text.words import search_terms


class NearestQuestions:
    """Finds questions by their words: cosine of TF-IDF weights (Salton and Buckley 1988)."""

    def __init__(self, questions: Sequence[str]) -> None:
        counts = [Counter(search_terms(question)) for question in questions]
        seen = Counter(term for terms in counts for term in terms)
        self._size = len(questions)
        self._idf = {term: float(np.log((1 + self._size) / (1 + count))) + 1 for term, count in seen.items()}
        self._unseen = float(np.log(1 + self._size)) + 1
        self._postings = self._index(counts)

    def find(self, question: str, most: int) -> list[tuple[int, float]]:
        """Return the places of the ``most`` nearest questions and how near they are, from 1 (alike) to 0."""
        terms = Counter(search_terms(question))
        scores = np.zeros(self._size)
        for term, count in terms.items():
            if term in self._postings:
                rows, weights = self._postings[term]
                scores[rows] += count * self._idf[term] * weights
        norm = sum((count * self._idf.get(term, self._unseen)) ** 2 for term, count in terms.items()) ** 0.5
        best = np.argsort(-scores, kind="stable")[:most]
        return [(int(row), float(scores[row] / (norm or 1.0))) for row in best]

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
