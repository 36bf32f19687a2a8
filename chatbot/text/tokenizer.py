"""Text to ids and back. The only importer of transformers."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

from chatbot.errors import CheckpointError
from chatbot.text.clean import is_cjk
from chatbot.text.context import TAGS, Segment, Unit
from chatbot.text.growth import frequent, grow

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, BEGIN, END = "<pad>", "<begin>", "<end>"
SPECIAL = (PAD, BEGIN, END)
_CJK_OR_DIGIT = r"[\p{Han}\p{Hiragana}\p{Katakana}]|\d"


class Tokenizer:
    """A byte-level tokenizer: every text becomes ids without an unknown one, and comes back unchanged.

    ``tags`` are the ids of the tags that stand before turns (``text.context``), by their names.
    """

    def __init__(self, backend: Backend, tags: Sequence[str] = TAGS) -> None:
        self._backend = backend
        # A person who types "<end>" means the five characters, not the end of a reply.
        self._backend.encode_special_tokens = True
        self.pad, self.begin, self.end = (self._id(token) for token in SPECIAL)
        self.tags: Mapping[str, int] = {tag: self._id(tag) for tag in tags}

    def __len__(self) -> int:
        return self._backend.get_vocab_size(with_added_tokens=True)

    @classmethod
    def train(
        cls, texts: Iterable[str], vocabulary_size: int, unit: Unit = "bpe", tags: Sequence[str] = TAGS
    ) -> "Tokenizer":
        """Return a tokenizer trained on ``texts``, whose tokens are parts of words, words or characters.

        ``bpe`` is byte-level BPE (Sennrich et al. 2016; Radford et al. 2019). ``word`` knows the most frequent words
        (of Chinese and Japanese, characters), ``character`` the most frequent characters; both spell all others in
        bytes, or a word in known ones that it begins with.
        """
        begun, special = (_begin_word(text) for text in texts), [*SPECIAL, *tags]
        if unit == "bpe":
            backend = _train_bpe(begun, vocabulary_size, special)
        else:
            backend = _train_whole(begun, vocabulary_size, special, unit)
        backend.decoder = decoders.ByteLevel()
        return cls(backend, tags)

    @classmethod
    def load(cls, name: str | Path, tags: Sequence[str] = TAGS) -> "Tokenizer":
        """Return the fast tokenizer at a path or with a hub name, with the special tokens that it lacked.

        Raises:
            CheckpointError: there is none, it cannot be read, or it is not byte-level (has unknown tokens).
        """
        try:
            backend = _backend(name)
        except Exception as error:  # the library raises bare Exceptions for a damaged file
            reason = (str(error) or type(error).__name__).splitlines()[0]
            hint = "the folder of one, or its name on the hub, in [text] tokenizer; of a version: chatbot rollback"
            raise CheckpointError(f"{name}: no tokenizer can be loaded: {reason}", hint) from None
        if not _covers_bytes(backend):
            raise CheckpointError(
                f"{name}: this tokenizer cannot spell every text",
                "take a byte-level fast tokenizer (GPT-2's kind), or leave [text] tokenizer out to train one",
            )
        backend.add_special_tokens([token for token in (*SPECIAL, *tags) if backend.token_to_id(token) is None])
        return cls(backend, tags)

    def grow(self, texts: Iterable[str], most: int) -> "tuple[Tokenizer, list[list[int]]]":
        """Return a tokenizer with at most ``most`` entries more, for ``texts``, and the old ids that spell each one.

        This one's ids mean there what they mean here. It must be one of those that ``train`` returns.
        """
        grown = grow(self._backend, [_begin_word(text) for text in texts], most)
        entries = (grown.id_to_token(place) for place in range(len(self), grown.get_vocab_size()))
        return Tokenizer(grown, list(self.tags)), [
            [piece.id for piece in self._backend.model.tokenize(entry)] for entry in entries
        ]

    def save(self, folder: Path) -> None:
        """Write the tokenizer in Hugging Face's own layout."""
        _wrap(self._backend, list(self.tags)).save_pretrained(str(folder))

    def encode(self, text: str) -> list[int]:
        """Return the ids of ``text``, none of them special."""
        return self._backend.encode(_begin_word(text), add_special_tokens=False).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Return ``encode`` of each text, on all cores."""
        begun = [_begin_word(text) for text in texts]
        return [encoding.ids for encoding in self._backend.encode_batch_fast(begun, add_special_tokens=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ``ids``, special ones left out; bytes that are not UTF-8 show as U+FFFD."""
        return self._backend.decode(list(ids), skip_special_tokens=True).removeprefix(" ")

    def encode_context(self, segments: Sequence[Segment], most: int) -> list[int]:
        """Return the source ids of a rendered context: each segment's tags, then its text.

        At most ``most`` ids: the oldest go first; of a question that alone is too long, the end stays.
        """
        return self.encode_contexts([segments], most)[0]

    def encode_contexts(self, contexts: Sequence[Sequence[Segment]], most: int) -> list[list[int]]:
        """Return ``encode_context`` of each context."""
        known = self.encode_all(segment.text for segments in contexts for segment in segments)
        return [self.join(segments, known, most) for segments in contexts]

    def encode_all(self, texts: Iterable[str]) -> dict[str, list[int]]:
        """Return the ids of each text; one that comes again and again is encoded once."""
        different = list(dict.fromkeys(texts))
        return dict(zip(different, self.encode_batch(different), strict=True))

    def join(self, segments: Sequence[Segment], known: Mapping[str, list[int]], most: int) -> list[int]:
        """Return ``encode_context`` of segments whose texts' ids are ``known``."""
        ids: list[int] = []
        for segment in reversed(segments):
            tags, text = [self.tags[tag] for tag in segment.tags], known[segment.text]
            if len(ids) + len(tags) + len(text) > most:
                return ids or [*tags, *text[-(most - len(tags)) :]]
            ids = [*tags, *text, *ids]
        return ids

    def _id(self, token: str) -> int:
        found = self._backend.token_to_id(token)
        if found is None:
            raise CheckpointError(f'the tokenizer lacks the special token "{token}"', "train the bot anew")
        return found


def _begin_word(text: str) -> str:
    """Return ``text`` with a blank in front, so that a first word has the ids that it has elsewhere.

    Not before scripts without blanks. ``decode`` takes one blank off again, so texts come back unchanged.
    """
    return text if not text or is_cjk(text[0]) else " " + text


def _train_bpe(texts: Iterable[str], vocabulary_size: int, special: list[str]) -> Backend:
    backend = Backend(models.BPE())
    # Digits one by one, so that numbers are spelt and not learnt by heart.
    backend.pre_tokenizer = _split(r"\d", words=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        min_frequency=2,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    return backend


def _train_whole(texts: Iterable[str], vocabulary_size: int, special: list[str], unit: Unit) -> Backend:
    """Return a tokenizer of the most frequent words or characters; WordPiece takes the longest that fits each time."""
    apart = _split(_CJK_OR_DIGIT, words=True) if unit == "word" else _split(r"[\s\S]", words=False)
    counts = Counter(piece for text in texts for piece, _ in apart.pre_tokenize_str(text))
    known = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    entries = list(dict.fromkeys([*known, *frequent(counts)]))[:vocabulary_size]
    vocabulary = {entry: place for place, entry in enumerate(entries)}
    longest = {"unk_token": PAD, "max_input_chars_per_word": 2**31, "continuing_subword_prefix": ""}
    backend = Backend(models.WordPiece(vocabulary, **longest))
    backend.pre_tokenizer = apart
    backend.add_special_tokens(special)
    return backend


def _split(pattern: str, words: bool) -> pre_tokenizers.Sequence:
    """Return what takes texts apart at each match of ``pattern``, then into ``words`` if so, and shows bytes."""
    isolated = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    return pre_tokenizers.Sequence([isolated, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=words)])


def _backend(name: str | Path) -> Backend:
    """Return the tokenizer at a path or with a hub name; one in a file is read without transformers, which is slow."""
    file = Path(name) / "tokenizer.json"
    return Backend.from_file(str(file)) if file.exists() else _fast_class().from_pretrained(str(name)).backend_tokenizer


def _wrap(backend: Backend, tags: list[str]) -> "PreTrainedTokenizerFast":
    return _fast_class()(
        tokenizer_object=backend,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        additional_special_tokens=tags,
        clean_up_tokenization_spaces=False,
    )


def _fast_class() -> "type[PreTrainedTokenizerFast]":
    """Return the class, which takes half a second to import and only training and the hub need."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast


def _covers_bytes(backend: Backend) -> bool:
    return all(backend.token_to_id(symbol) is not None for symbol in pre_tokenizers.ByteLevel.alphabet())
