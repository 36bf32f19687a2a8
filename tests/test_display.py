"""What people see of a training."""

import pytest

from chatbot.display import Interrupted, show_training
from chatbot.training.energy import Spent
from chatbot.training.events import Finished, Measuring, Validated


def shown(capsys: pytest.CaptureFixture[str], *events: Finished | Measuring | Validated) -> str:
    assert show_training(events, Interrupted()) is None
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("epoch", "reason", "told"),
    [(0.4, "budget", "that was 40% of the examples"), (1.5, "budget", ""), (0.4, "patience", "")],
)
def test_a_budget_that_was_too_small_for_the_corpus_is_told(
    capsys: pytest.CaptureFixture[str], epoch: float, reason: str, told: str
) -> None:
    line = shown(capsys, Finished(1, epoch, 60.0, 5000.0, reason, Spent(0.0, 0.0, {})))
    assert line.startswith("1 step in 60 s, 5,000 tokens/s")
    assert ("a larger budget" in line) == bool(told)
    assert told in line


def test_where_nothing_is_held_out_no_line_says_so_again_and_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Validated(1, 0.1, 0.0, None, None, True, 1.0)) == ""
    assert "bits per byte 1.500" in shown(capsys, Validated(1, 0.1, 0.0, 1.5, 20.0, True, 1.0))


def test_that_a_version_is_measured_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Measuring()).startswith("measuring it")
