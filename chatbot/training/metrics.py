"""Measures of replies as text. Words are those between blanks; in Chinese, characters."""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chatbot.text.clean import is_cjk
from chatbot.text.words import split_words

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}，。？！、；：“”‘’（）《》…—]")


def reply_measures(replies: Sequence[str], references: Sequence[str], contexts: Sequence[str]) -> dict[str, Any]:
    """Return the measures of ``replies`` to ``contexts``, beside the ``references``.

    ``repeated_4grams`` is the share of a reply's 4-grams that it has already, ``repeated_context_4grams`` of those
    that its context has, each over all replies together; ``exact`` is the share of replies that are the reference to
    the letter, ``f1`` the mean over replies; lengths are in words.
    """
    words = [split_words(reply) for reply in replies]
    return {
        "distinct_1": distinct(words, 1),
        "distinct_2": distinct(words, 2),
        "repeated_4grams": repeated(words, 4),
        "repeated_context_4grams": shared(words, [split_words(context) for context in contexts], 4),
        "exact": mean(reply == reference for reply, reference in zip(replies, references, strict=True)),
        "f1": mean(f1(reply, reference) for reply, reference in zip(replies, references, strict=True)),
        **_corpus_scores(replies, references),
        "mean_length": mean(len(reply) for reply in words),
        "most_frequent": max(Counter(replies).values(), default=0) / max(1, len(replies)),
    }


def distinct(texts: Iterable[Sequence[str]], size: int) -> float:
    """Return the share of different n-grams among all (Li et al. 2016)."""
    grams = [gram for words in texts for gram in ngrams(words, size)]
    return len(set(grams)) / max(1, len(grams))


def repeated(texts: Iterable[Sequence[str]], size: int) -> float:
    """Return the share of n-grams that stood in their text before."""
    lists = [ngrams(words, size) for words in texts]
    return sum(len(grams) - len(set(grams)) for grams in lists) / max(1, sum(map(len, lists)))


def shared(texts: Sequence[Sequence[str]], contexts: Sequence[Sequence[str]], size: int) -> float:
    """Return the share of n-grams that stand in the text's context."""
    total = found = 0
    for words, context in zip(texts, contexts, strict=True):
        known = set(ngrams(context, size))
        grams = ngrams(words, size)
        total += len(grams)
        found += sum(gram in known for gram in grams)
    return found / max(1, total)


def ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """Return all runs of ``size`` words."""
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]


def f1(reply: str, reference: str) -> float:
    """Return the harmonic mean of word precision and recall, as ParlAI defines it.

    Lower case, without punctuation and English articles; two texts that are empty then are alike.
    """
    ours, theirs = Counter(_normal_words(reply)), Counter(_normal_words(reference))
    common = sum((ours & theirs).values())
    if not ours or not theirs:
        return float(ours == theirs)
    if not common:
        return 0.0
    precision, recall = common / sum(ours.values()), common / sum(theirs.values())
    return 2 * precision * recall / (precision + recall)


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    listed = list(values)
    return sum(listed) / max(1, len(listed))


def _normal_words(text: str) -> list[str]:
    return split_words(_ARTICLES.sub(" ", _PUNCTUATION.sub(" ", text.lower())))


def _corpus_scores(replies: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Return chrF (Popovic 2015) and BLEU (Papineni et al. 2002) from sacrebleu, with their signatures."""
    from sacrebleu.metrics import BLEU, CHRF  # slow to import

    chinese = any(is_cjk(character) for reference in references[:100] for character in reference)
    scores: dict[str, Any] = {}
    for name, metric in (("chrf", CHRF()), ("bleu", BLEU(tokenize="zh" if chinese else "13a", force=True))):
        score = metric.corpus_score(list(replies), [list(references)]).score if references else 0.0
        scores[name] = score
        scores[f"{name}_signature"] = str(metric.get_signature()) if references else ""
    return scores
