"""Which examples go into a batch together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.training.buckets import padding, plan_epoch

LENGTHS = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30)), min_size=1, max_size=300)


def arrays(lengths: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array(lengths, dtype=np.int32)
    return pairs[:, 0], pairs[:, 1]


@given(LENGTHS, st.integers(16, 400), st.integers(0, 9), st.integers(0, 3))
def test_each_example_is_in_one_batch_and_no_batch_is_too_large(
    lengths: list[tuple[int, int]], budget: int, seed: int, epoch: int
) -> None:
    source, target = arrays(lengths)
    batches = plan_epoch(source, target, budget, seed, epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * (source[b].max() + target[b].max()) <= budget for b in batches)


def test_a_plan_is_a_pure_function() -> None:
    source, target = arrays([(n % 17 + 1, n % 5 + 1) for n in range(500)])
    plans = [
        [batch.tolist() for batch in plan_epoch(source, target, 200, seed, epoch)]
        for seed, epoch in [(1, 0), (1, 0), (1, 1), (2, 0)]
    ]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2] != plans[3] != plans[0]


def test_padding_is_the_share_of_padded_positions() -> None:
    source, target = arrays([(3, 1), (1, 1)])
    assert padding(source, target, [np.array([0, 1])]) == pytest.approx(1 - 6 / 8)
    assert padding(source, target, [np.array([0]), np.array([1])]) == 0


def test_like_lengths_share_a_batch() -> None:
    """Lengths as DailyDialog has them, two turns of context: gamma-like, cut at 48."""
    random = np.random.default_rng(1)
    source = random.gamma(2.5, 14, 54_000).clip(3, 48).astype(np.int32)
    target = random.gamma(1.8, 8.5, 54_000).clip(2, 48).astype(np.int32)
    assert padding(source, target, plan_epoch(source, target, 4096, 1, 0)) < 0.05
