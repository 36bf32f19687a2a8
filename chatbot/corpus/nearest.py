"""The pairs whose questions are nearest to a text."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from chatbot.text.words import search_terms

_MISSPELT = 0.7
"""What a word counts that is not the one that was written, but nearly."""
_SLIP, _SLIPS = 4, 8
"""So many letters has a word at least in which one may be wrong, and two: of shorter ones too many are alike."""


class NearestQuestions:
    """Finds questions by their words: cosine of TF-IDF weights (Salton and Buckley 1988).

    A word that no question has counts as those that it may be a slip for: with the fewest letters wrong, missing, too
    many or swapped (Damerau 1964).
    """

    def __init__(self, questions: Sequence[str]) -> None:
        counts = [Counter(search_terms(question)) for question in questions]
        seen = Counter(term for terms in counts for term in terms)
        self._size = len(questions)
        self._idf = {term: float(np.log((1 + self._size) / (1 + count))) + 1 for term, count in seen.items()}
        self._unseen = float(np.log(1 + self._size)) + 1
        self._postings = self._index(counts)
        self._words = list(seen)

    def find(self, question: str, most: int) -> list[tuple[int, float]]:
        """Return the places of the ``most`` nearest questions and how near they are, from 1 (alike) to 0."""
        scores = np.zeros(self._size)
        square = 0.0
        for term, count in Counter(search_terms(question)).items():
            meant = list(self._meant(term))
            square += (count * max((self._idf[word] for word, _ in meant), default=self._unseen)) ** 2
            for word, share in meant:
                rows, weights = self._postings[word]
                scores[rows] += share * count * self._idf[word] * weights
        best = np.argsort(-scores, kind="stable")[:most]
        return [(int(row), min(1.0, float(scores[row] / (square**0.5 or 1.0)))) for row in best]

    def _meant(self, term: str) -> Iterator[tuple[str, float]]:
        """Yield the words of questions that a term may stand for, and what each counts."""
        if term in self._idf:
            yield term, 1.0
        elif len(term) >= _SLIP and term.isalpha():
            slips = 1 if len(term) < _SLIPS else 2
            found = process.extract(term, self._words, scorer=OSA.distance, score_cutoff=slips, limit=None)
            for word, distance, _ in found:
                if distance == found[0][1]:
                    yield word, _MISSPELT

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
