"""New entries for a tokenizer that was trained before, for what its own spell at length; old ids stay what they are."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer as Backend
from tokenizers import models, pre_tokenizers, trainers

_FIRST = 0x10000
"""The character that stands for id 0; a million others follow it, one for each id, and none of them is a blank."""


def grow(backend: Backend, texts: Sequence[str], most: int) -> Backend:
    """Return a tokenizer with at most ``most`` entries more, those that ``texts`` have need of most often.

    Byte pair encoding goes on where it ended, so that a new merge comes after all old ones; words and characters join
    those that there are. What holds no new entry is spelt as before.
    """
    state = json.loads(backend.to_str())
    if isinstance(backend.model, models.BPE):
        _merge_on(state["model"], _words(backend, texts), most)
    else:
        counts = Counter(piece for text in texts for piece, _ in backend.pre_tokenizer.pre_tokenize_str(text))
        vocabulary = state["model"]["vocab"]
        _append(vocabulary, [piece for piece in frequent(counts) if piece not in vocabulary][:most])
    return Backend.from_str(json.dumps(state))


def frequent(counts: Counter[str]) -> list[str]:
    """Return what was counted more than once, the most frequent first."""
    return sorted((piece for piece, count in counts.items() if count > 1), key=lambda piece: (-counts[piece], piece))


def _words(backend: Backend, texts: Sequence[str]) -> list[str]:
    """Return each text with a character for each id, and a blank between what is never merged."""

    def words(ids: Sequence[int], places: Sequence[int | None]) -> Iterator[str]:
        for _, word in groupby(zip(ids, places, strict=True), key=lambda pair: pair[1]):
            yield "".join(chr(_FIRST + token) for token, _ in word)

    encoded = backend.encode_batch(list(texts), add_special_tokens=False)
    return [" ".join(words(encoding.ids, encoding.word_ids)) for encoding in encoded]


def _merge_on(model: dict[str, Any], words: list[str], most: int) -> None:
    """Add the merges that byte pair encoding finds in ``words``, behind those that there are."""
    learner = Backend(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    size = len(set("".join(words)) - {" "}) + most
    learner.train_from_iterator(words, trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False))
    entries = sorted(model["vocab"], key=model["vocab"].__getitem__)
    known = {tuple(merge) for merge in model["merges"]}
    found = (
        tuple("".join(entries[ord(one) - _FIRST] for one in part) for part in merge)
        for merge in json.loads(learner.to_str())["model"]["merges"]
    )
    # Another way to an entry that there is needs none, and a merge that there is would lose its place.
    new = [merge for merge in found if merge not in known]
    model["merges"] += new
    _append(model["vocab"], ["".join(merge) for merge in new])


def _append(vocabulary: dict[str, int], entries: Sequence[str]) -> None:
    for entry in entries:
        vocabulary.setdefault(entry, len(vocabulary))
