"""The measures, by hand."""

import math
from pathlib import Path

import numpy as np
import pytest

from chatbot.bot import load_bot
from chatbot.corpus.nearest import NearestQuestions
from chatbot.corpus.split import known_exchanges
from chatbot.dialogue import Pair, Turn
from chatbot.text.words import count_words, search_terms, signs, split_words
from chatbot.training.evaluation import evaluate
from chatbot.training.likelihood import Likelihood, Probe
from chatbot.training.metrics import distinct, f1, repeated, reply_measures, shared


def pair(question: str, answer: str) -> Pair:
    return Pair((Turn("you", question),), Turn("Tiny", answer), "d")


def test_likelihoods_by_hand() -> None:
    found = Likelihood(nats=8 * math.log(2), tokens=4, words=2, bytes=16)
    assert (found.bits_per_byte, found.word_perplexity) == pytest.approx((0.5, 16.0))
    assert found.loss == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize(("text", "words"), [("I ' m fine .", 5), ("你好，世界！", 6), ("我 爱 Python", 8), ("", 0)])
def test_words_stand_between_blanks_and_chinese_has_characters(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("reply", "reference", "expected"),
    [
        ("The cat sat.", "a cat sat", 1.0),
        ("cat", "dog", 0.0),
        ("a cat", "cat dog dog", 0.5),
        ("我很好", "我不好", 2 / 3),
        ("", "", 1.0),
    ],
)
def test_f1_is_parlais(reply: str, reference: str, expected: float) -> None:
    assert f1(reply, reference) == pytest.approx(expected)


def test_ngrams_by_hand() -> None:
    words = [["a", "b", "a", "b", "a", "b"], ["a", "b"]]
    assert distinct(words, 1) == pytest.approx(2 / 8)
    assert distinct(words, 2) == pytest.approx(2 / 6)
    assert repeated(words, 4) == pytest.approx(1 / 3)
    assert shared([["a", "b", "c"]], [["x", "a", "b"]], 2) == pytest.approx(1 / 2)
    assert split_words("我爱Python very") == ["我", "爱", "Python", "very"]


def test_measures_of_the_references_themselves_are_perfect() -> None:
    figures = reply_measures(["hello there friend now"], ["hello there friend now"], ["hi"])
    assert (figures["f1"], figures["chrf"]) == pytest.approx((1.0, 100.0))
    assert figures["mean_length"] == 4
    assert "nrefs:1" in figures["chrf_signature"]


def test_the_nearest_question_shares_rare_words() -> None:
    nearest = NearestQuestions(["how are you", "how is the weather", "what is it"])
    assert [place for place, _ in nearest.find("Weather, how?", 2)] == [1, 0]
    assert nearest.find("how is the weather", 1)[0][1] == pytest.approx(1.0)
    assert nearest.find("nothing alike", 1)[0][1] == 0


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("whats the wether", 1),  # a letter is missing
        ("hwo is teh weathre", 1),  # short words are too alike to be guessed at
        ("ＨＯＷ are you", 0),
        ("tell me a stroy", 2),
        ("😂😂", 3),
        ("！？", 4),
        ("讲个故事", 5),
    ],
)
def test_slips_wide_letters_and_signs_find_what_is_meant(asked: str, place: int) -> None:
    questions = ["how are you", "what is the weather like", "tell me a story", "😂", "?!", "给我讲一个故事吧", "whale"]
    (found, nearness), *_ = NearestQuestions(questions).find(asked, 1)
    assert (found, 0.3 < nearness <= 1) == (place, True)


def test_a_slip_counts_once_in_each_question_and_less_than_the_word() -> None:
    nearest = NearestQuestions(["best rest test nest", "the best of it"])
    (place, slip), *_ = nearest.find("jest", 1)
    assert place == 0
    assert slip == pytest.approx(0.7 * dict(nearest.find("nest", 2))[0])


def test_a_long_message_of_unknown_words_costs_no_more_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = list[str]()

    def meant(nearest: NearestQuestions, term: str) -> list[str]:
        compared.append(term)
        return []

    monkeypatch.setattr(NearestQuestions, "_meant", meant)
    NearestQuestions(["word"]).find(" ".join(f"unknown{'x' * number}" for number in range(1000)), 1)
    assert len(compared) == 16


def test_numbers_and_short_words_are_taken_as_they_stand() -> None:
    nearest = NearestQuestions(["in 1984", "the cat sat"])
    assert nearest.find("1985?", 1)[0][1] == 0
    assert nearest.find("hat", 1)[0][1] == 0


def test_texts_are_compared_by_words_without_punctuation_and_by_pairs_of_characters() -> None:
    assert search_terms("Thanks, I'm OK!") == ["thanks", "i", "m", "ok"]
    assert search_terms("你好吗？") == ["你", "好", "吗", "你好", "好吗"]
    assert search_terms("ＯＫ １") == ["ok", "1"]
    assert (search_terms("❤️ ？"), signs("❤️ ？")) == ([], ["❤", "?"])


def test_an_evaluation_has_all_measures_with_and_without_overlap(trained_once: Path) -> None:
    bot = load_bot(str(trained_once / "bots" / "tiny.toml"))
    training = bot.data().training
    pairs = [*training[:3], pair("something new", "And a new answer")]
    figures = evaluate(bot.replier(), pairs, training, known_exchanges(training), 10, 1)
    assert figures["pairs"] == 4
    assert figures["overlap_share"] == 0.75
    assert figures["without_overlap"]["pairs"] == 1
    assert figures["answer_bytes"] == sum(len(one.answer.text.encode()) for one in pairs)
    assert figures["bits_per_byte"] < figures["without_overlap"]["bits_per_byte"]
    assert figures["baselines"].keys() == {"random", "nearest", "reference"}
    assert figures["baselines"]["reference"]["f1"] == 1
    wanted = {"word_perplexity", "distinct_1", "distinct_2", "repeated_4grams", "f1", "chrf", "mean_length"}
    assert wanted <= figures.keys() and wanted <= figures["without_overlap"].keys()


def test_long_answers_are_measured_whole() -> None:
    from chatbot.text.context import TextSettings
    from chatbot.text.tokenizer import Tokenizer

    tokenizer = Tokenizer.train(["a b c"], 300)
    probe = Probe.make([pair("q", "x " * 50)], tokenizer, TextSettings(answer_tokens=2))
    assert len(probe.examples.target[0]) == len(tokenizer.encode(("x " * 50).strip())) + 1
    assert probe.likelihood(np.array([1.0])).words == 51
