"""From when to when pairs go."""

from datetime import UTC, datetime, timedelta, timezone

from chatbot.corpus.spans import span_of
from chatbot.dialogue import Pair, Turn


def pair(asked: datetime | None, answered: datetime | None) -> Pair:
    return Pair((Turn("A", "hi", asked),), Turn("B", "hello", answered), "")


def test_a_span_is_from_the_first_question_to_the_last_answer_whatever_the_zones() -> None:
    east = timezone(timedelta(hours=14))
    pairs = [
        pair(None, datetime(2024, 5, 1, 12)),  # noqa: DTZ001 - many logs have no zone
        pair(datetime(2023, 1, 2, tzinfo=UTC), datetime(2023, 1, 3, tzinfo=UTC)),
        pair(datetime(2024, 5, 1, 13, tzinfo=east), None),
    ]
    assert span_of(pairs) == {"first": "2023-01-02", "last": "2024-05-01"}


def test_without_times_there_is_none() -> None:
    assert span_of([pair(None, None)]) == span_of([]) == {}
