"""The pairs whose questions are nearest to a text."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from chatbot.text.words import search_terms, signs

_MISSPELT = 0.7
"""What a word counts that is not the one that was written, but nearly."""
_SLIP, _SLIPS = 4, 8
"""So many letters has a word at least in which one may be wrong, and two: of shorter ones too many are alike."""
_UNKNOWN = 16
"""So many words of a message, at most, are looked at for slips: each is compared with all that questions have."""


class NearestQuestions:
    """Finds questions by their words: cosine of TF-IDF weights (Salton and Buckley 1988).

    A word that no question has counts as those that it may be a slip for: with the fewest letters wrong, missing, too
    many or swapped (Damerau 1964).
    """

    def __init__(self, questions: Sequence[str]) -> None:
        counts = [Counter(_terms(question)) for question in questions]
        seen = Counter(term for terms in counts for term in terms)
        self._size = len(questions)
        self._idf = {term: float(np.log((1 + self._size) / (1 + count))) + 1 for term, count in seen.items()}
        self._unseen = float(np.log(1 + self._size)) + 1
        self._postings = self._index(counts)
        self._words: dict[int, list[str]] = defaultdict(list)
        for term in seen:
            self._words[len(term)].append(term)

    def find(self, question: str, most: int) -> list[tuple[int, float]]:
        """Return the places of the ``most`` nearest questions and how near they are, from 1 (alike) to 0."""
        terms = Counter(_terms(question))
        unknown = set(islice((term for term in terms if term not in self._idf), _UNKNOWN))
        scores = np.zeros(self._size)
        square = 0.0
        for term, count in terms.items():
            if term in self._idf:
                square += (count * self._idf[term]) ** 2
                rows, weights = self._postings[term]
                scores[rows] += count * self._idf[term] * weights
            else:
                meant = self._meant(term) if term in unknown else []
                square += (count * max((self._idf[word] for word in meant), default=self._unseen)) ** 2
                scores += _MISSPELT * count * self._best_of(meant)
        best = np.argsort(-scores, kind="stable")[:most]
        return [(int(row), min(1.0, float(scores[row] / (square**0.5 or 1.0)))) for row in best]

    def _meant(self, term: str) -> list[str]:
        """Return the words of questions that an unknown one may be a slip for."""
        if len(term) < _SLIP or not term.isalpha():
            return []
        slips = 1 if len(term) < _SLIPS else 2
        words = [word for size in range(len(term) - slips, len(term) + slips + 1) for word in self._words.get(size, [])]
        found = process.extract(term, words, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return [word for word, distance, _ in found if distance == found[0][1]]

    def _best_of(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Return what each question scores with the word of these that counts most in it."""
        best = np.zeros(self._size)
        for word in words:
            rows, weights = self._postings[word]
            best[rows] = np.maximum(best[rows], self._idf[word] * weights)
        return best

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


def _terms(text: str) -> list[str]:
    """Return the words of a question; where there are none, its signs, as emoji and question marks."""
    return search_terms(text) or signs(text)
