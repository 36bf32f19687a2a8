"""Searches: they know only a scorer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

import pytest
import torch
from torch import Tensor

from chatbot.generation.logits import forbid_repeated_ngrams, keep_top_k, keep_top_p
from chatbot.generation.searches import (
    SEARCHES,
    AnySearch,
    BeamSearch,
    Candidate,
    GreedySearch,
    KnownSearch,
    Reply,
    SamplingSearch,
    Search,
    Task,
)
from chatbot.model.seq2seq import ModelSettings, Seq2Seq

BEGIN, END, V = 1, 2, 70


@dataclass(frozen=True)
class Prefixes:
    """The ids of each row so far."""

    rows: list[tuple[int, ...]]

    def select(self, rows: Tensor) -> "Prefixes":
        return Prefixes([self.rows[row] for row in rows.tolist()])


class TableScorer:
    """A scorer that looks the next token's probabilities up; what is not there ends."""

    def __init__(self, table: dict[tuple[int, ...], dict[int, float]]) -> None:
        self.table = table

    def start(self, source: Tensor, lengths: Tensor, seeds: Sequence[int]) -> Prefixes:
        return Prefixes([()] * len(lengths))

    def step(self, state: Prefixes, ids: Tensor) -> tuple[Tensor, Prefixes]:
        rows = [(*row, token) for row, token in zip(state.rows, ids.tolist(), strict=True)]
        logits = torch.full((len(rows), 6), -1e9)
        for row, prefix in enumerate(rows):
            for token, probability in self.table.get(prefix[1:], {END: 1.0}).items():
                logits[row, token] = math.log(probability)
        return logits, Prefixes(rows)


# Greedily 3 then 4 then the end: 0.6 * 0.4 = 0.24; better is 5 then 5: 0.4 * 0.9 = 0.36.
GARDEN = TableScorer({(): {3: 0.6, 5: 0.4}, (3,): {4: 0.4, 3: 0.3, 5: 0.3}, (5,): {5: 0.9, 3: 0.1}})


def run(search: Search, scorer: object, task: Task) -> tuple[list[Reply], list[list[int]]]:
    """Return the replies, and the tokens that were streamed for each row."""
    steps = search.search(scorer, task)  # type: ignore[arg-type]
    streamed: list[list[int]] = [[] for _ in task.lengths]
    with torch.inference_mode():
        while True:
            try:
                for row, token in enumerate(next(steps)):
                    if token is not None:
                        streamed[row].append(token)
            except StopIteration as stop:
                return stop.value, streamed


def task(rows: int = 1, seeds: tuple[int, ...] = ()) -> Task:
    return Task(torch.zeros(rows, 1, dtype=torch.long), torch.ones(rows, dtype=torch.long), BEGIN, END, seeds=seeds)


def real_task(model_rows: list[int]) -> Task:
    torch.manual_seed(3)
    source = torch.randint(5, V, (6, 5))
    lengths = torch.tensor([5, 1, 3, 4, 2, 5])
    source = source.masked_fill(torch.arange(5) >= lengths[:, None], 0)
    rows = torch.tensor(model_rows)
    return Task(source[rows], lengths[rows], BEGIN, END, (0, BEGIN), tuple(100 + row for row in model_rows))


@pytest.fixture(scope="module")
def model() -> Seq2Seq:
    torch.manual_seed(5)
    settings = ModelSettings.model_validate({"embedding_size": 16, "encoder": {"kind": "lstm", "hidden_size": 16}})
    made = Seq2Seq(settings, V, 0).eval()
    made.bias.data[END] += 1.5  # so that replies end
    made.embedding.weight.data *= 6  # so that they differ
    return made


def test_the_table_and_the_union_agree() -> None:
    assert set(SEARCHES.values()) == set(get_args(get_args(AnySearch)[0]))
    assert all(search().model_dump()["kind"] == name for name, search in SEARCHES.items())


def test_greedy_takes_the_likeliest_token_each_time() -> None:
    (reply,), streamed = run(GreedySearch(), GARDEN, task())
    assert (reply.ids, reply.finished, streamed) == ([3, 4], True, [[3, 4]])
    assert reply.score == pytest.approx(math.log(0.6 * 0.4))


def test_beam_search_finds_what_greedy_misses() -> None:
    (reply,), streamed = run(BeamSearch(beams=2, length_power=0), GARDEN, task())
    assert (reply.ids, streamed) == ([5, 5], [[5, 5]])
    assert reply.score == pytest.approx(math.log(0.4 * 0.9))


def test_length_normalisation_favours_the_longer() -> None:
    scorer = TableScorer({(): {3: 0.5, 4: 0.5}, (3,): {END: 0.7, 4: 0.3}, (4,): {5: 0.6, END: 0.4}})
    assert run(BeamSearch(beams=3, length_power=0), scorer, task())[0][0].ids == [3]
    assert run(BeamSearch(beams=3, length_power=2), scorer, task())[0][0].ids == [4, 5]


@pytest.mark.parametrize("ngram", [0, 2])
def test_a_beam_of_one_is_greedy(model: Seq2Seq, ngram: int) -> None:
    everyone = real_task([0, 1, 2, 3, 4, 5])
    greedy, _ = run(GreedySearch(longest=12, no_repeat_ngram=ngram), model, everyone)
    beam, _ = run(BeamSearch(longest=12, beams=1, no_repeat_ngram=ngram), model, everyone)
    assert [reply.ids for reply in beam] == [reply.ids for reply in greedy]
    assert [reply.score for reply in beam] == pytest.approx([reply.score for reply in greedy], abs=1e-4)
    assert len({tuple(reply.ids) for reply in greedy}) > 1


@pytest.mark.parametrize(
    "search", [GreedySearch(longest=12), SamplingSearch(longest=12), BeamSearch(longest=12)], ids=lambda s: s.kind
)
def test_a_batch_says_what_its_rows_say_alone(model: Seq2Seq, search: Search) -> None:
    together, streamed = run(search, model, real_task([0, 1, 2, 3, 4, 5]))
    alone = [run(search, model, real_task([row]))[0][0] for row in range(6)]
    assert [reply.ids for reply in together] == [reply.ids for reply in alone] == streamed
    assert [reply.score for reply in together] == pytest.approx([reply.score for reply in alone], abs=1e-4)


def test_a_score_is_the_log_probability_of_the_whole_reply(model: Seq2Seq) -> None:
    chosen = real_task([0, 3])
    for reply, row in zip(run(GreedySearch(longest=30), model, chosen)[0], (0, 3), strict=True):
        single = real_task([row])
        target = torch.tensor([[BEGIN, *reply.ids]])
        logits = model.logits(model(single.source, single.lengths, target))[0, :, :V].log_softmax(-1).detach()
        picked = [*reply.ids, END] if reply.finished else reply.ids
        assert reply.score == pytest.approx(float(sum(logits[i, t] for i, t in enumerate(picked))), abs=1e-3)


def test_sampling_draws_by_the_probabilities() -> None:
    scorer = TableScorer({(): {3: 0.7, 4: 0.2, 5: 0.1}})
    replies, _ = run(SamplingSearch(temperature=1.0), scorer, task(4000, tuple(range(4000))))
    shares = [sum(reply.ids == [token] for reply in replies) / 4000 for token in (3, 4, 5)]
    assert shares == pytest.approx([0.7, 0.2, 0.1], abs=0.03)


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [({"top_k": 2}, {3, 4}), ({"top_p": 0.75}, {3, 4}), ({"top_p": 0.6}, {3}), ({"temperature": 0.01}, {3})],
)
def test_sampling_keeps_to_the_likely(settings: dict[str, float], allowed: set[int]) -> None:
    scorer = TableScorer({(): {3: 0.7, 4: 0.2, 5: 0.1}})
    replies, _ = run(
        SamplingSearch.model_validate({"temperature": 1.0, **settings}), scorer, task(300, tuple(range(300)))
    )
    assert {reply.ids[0] for reply in replies} == allowed


@pytest.mark.parametrize(
    "search",
    [GreedySearch(longest=12, no_repeat_ngram=2), BeamSearch(longest=12, no_repeat_ngram=2)],
    ids=lambda s: s.kind,
)
def test_no_ngram_is_said_twice(search: Search) -> None:
    scorer = TableScorer(
        {prefix: {3: 0.8, 4: 0.2} for size in range(20) for prefix in product((3, 4), repeat=size) if size < 12}
    )
    (reply,), _ = run(search, scorer, task())
    pairs = list(zip(reply.ids, reply.ids[1:], strict=False))
    assert len(pairs) == len(set(pairs)) > 1


def test_no_reply_is_empty() -> None:
    scorer = TableScorer({(): {END: 0.9, 3: 0.1}})
    for search in (GreedySearch(), BeamSearch(), SamplingSearch()):
        assert run(search, scorer, task())[0][0].ids == [3]


def test_transforms_by_hand() -> None:
    scores = torch.tensor([[0.5, 0.3, 0.2]]).log()
    assert keep_top_k(scores, 2).isinf().tolist() == [[False, False, True]]
    assert keep_top_p(scores, 0.5).isinf().tolist() == [[False, True, True]]
    assert keep_top_p(scores, 0.51).isinf().tolist() == [[False, False, True]]
    assert forbid_repeated_ngrams(scores, [[0, 1, 0]], 2).isinf().tolist() == [[False, True, False]]


def answers(*ids: tuple[tuple[int, ...], float]) -> tuple[Candidate, ...]:
    return tuple(Candidate((*one, END), nearness) for one, nearness in ids)


def test_of_known_answers_the_model_and_the_nearness_choose() -> None:
    likelier, nearer = ((3, 4), 0.0), ((5, 3), 0.5)
    chosen = replace(task(), candidates=(answers(likelier, nearer),))
    assert run(KnownSearch(nearness=0, temperature=0), GARDEN, chosen)[0][0].ids == [3, 4]
    (reply,), streamed = run(KnownSearch(nearness=4, temperature=0), GARDEN, chosen)
    assert (reply.ids, streamed, reply.finished) == ([5, 3], [[5, 3]], True)
    assert reply.score == pytest.approx(math.log(0.4 * 0.1))


def test_a_row_with_nothing_near_is_searched_freely(model: Seq2Seq) -> None:
    known = answers(((5, 6, 7), 0.3), ((8, 9), 0.3))
    everyone = replace(real_task([0, 1, 2]), candidates=(known, (), known))
    replies, streamed = run(KnownSearch(longest=12), model, everyone)
    (alone,), _ = run(BeamSearch(longest=12, no_repeat_ngram=3), model, real_task([1]))
    assert [reply.ids for reply in replies] == streamed
    assert replies[1].ids == alone.ids
    assert all(reply.ids in ([5, 6, 7], [8, 9]) for reply in (replies[0], replies[2]))


def test_known_answers_are_chosen_alone_as_in_a_batch(model: Seq2Seq) -> None:
    known = answers(((5, 6, 7), 0.3), ((8, 9), 0.3), ((10,), 0.31))
    together, _ = run(KnownSearch(temperature=1), model, replace(real_task([0, 1, 2, 3]), candidates=(known,) * 4))
    alone = [
        run(KnownSearch(temperature=1), model, replace(real_task([row]), candidates=(known,)))[0][0] for row in range(4)
    ]
    assert [reply.ids for reply in together] == [reply.ids for reply in alone]
    assert [reply.score for reply in together] == pytest.approx([reply.score for reply in alone], abs=1e-4)
