"""Letters and parcels: none lost, none twice, whatever ends when."""

import pytest
from sqlalchemy import text

from chatbot.conversation.archive import Archive
from chatbot.conversation.letters import Exchange, Letter, Outcome
from chatbot.conversation.mailbox import Mailbox
from chatbot.conversation.store import Origin, Store, now
from chatbot.dialogue import Turn

MADE = Origin("0001", 7, "greedy", 0.25)


@pytest.fixture
def mailbox(store: Store) -> Mailbox:
    return Mailbox(store, "post")


def letter(key: str, chat: str = "7", body: str = "{}", message: str = "") -> Letter:
    return Letter(key, chat, body, message)


def exchange(mailbox: Mailbox, person: int, chat: str, asked: str, said: str) -> Exchange:
    number = mailbox.conversation(person, chat)
    return Exchange(number, [(Turn("you", asked, now()), None), (Turn("Robin", said, now()), MADE)])


def test_a_letter_that_comes_twice_is_kept_once(mailbox: Mailbox) -> None:
    assert [one.key for one in mailbox.receive([letter("1"), letter("2"), letter("1")])] == ["1", "2"]
    assert mailbox.receive([letter("2")]) == []
    assert [one.key for one in mailbox.waiting()] == ["1", "2"]
    assert Mailbox(mailbox.store, "other").waiting() == []


def test_what_comes_of_letters_is_kept_whole(mailbox: Mailbox) -> None:
    first, second = mailbox.receive([letter("1", message="11"), letter("2", message="12")])
    person = mailbox.store.person("post", "ada")
    said = exchange(mailbox, person, "7", "hello\nthere", "hi")
    letters = [first.number, second.number]
    mailbox.settle(Outcome("7", letters, person, [{"text": "hi"}], said, {"told": True, "language": "zh"}))
    assert mailbox.waiting() == []
    (parcel,) = mailbox.parcels("7")
    assert (parcel.body, mailbox.busy_chats()) == ({"text": "hi"}, {"7"})
    assert [turn.text for turn in mailbox.store.turns(said.conversation)] == ["hello\nthere", "hi"]
    standing = mailbox.standing("ada", "7")
    assert (standing.person, standing.conversation, standing.told, standing.language) == (
        person, said.conversation, True, "zh",
    )  # fmt: skip
    turn, found = mailbox.letters_of("7", "12")
    assert ([one.key for one in found], turn) == (["1", "2"], mailbox.last_turns(said.conversation)[1][0])
    mailbox.sent(parcel, "13")
    assert (mailbox.parcels("7"), mailbox.busy_chats()) == ([], set())
    assert mailbox.turn_of("7", "13") == parcel.turn == mailbox.last_turns(said.conversation)[0][0]


def test_turns_take_the_place_of_the_last_ones(mailbox: Mailbox) -> None:
    person = mailbox.store.person("post", "ada")
    said = exchange(mailbox, person, "7", "hello", "hi")
    mailbox.settle(Outcome("7", exchange=said))
    again = Exchange(said.conversation, [(Turn("Robin", "hey", now()), MADE)], ["Robin"])
    mailbox.settle(Outcome("7", exchange=again))
    mailbox.settle(Outcome("7", exchange=again))
    assert [turn.text for turn in mailbox.store.turns(said.conversation)] == ["hello", "hey"]
    mailbox.settle(Outcome("7", exchange=Exchange(said.conversation, [], ["Robin", "you"])))
    assert mailbox.store.turns(said.conversation) == []


def test_each_chat_of_a_person_has_its_own_conversations(mailbox: Mailbox) -> None:
    person = mailbox.store.person("post", "ada")
    mine, ours = mailbox.conversation(person, "7"), mailbox.conversation(person, "-9")
    assert (mailbox.conversation(person, "7"), mine != ours) == (mine, True)
    assert mailbox.conversation(person, "7", fresh=True) > mine


def test_ratings_are_of_replies_to_oneself_and_can_be_taken_back(mailbox: Mailbox) -> None:
    ada, bob = mailbox.store.person("post", "ada"), mailbox.store.person("post", "bob")
    said = exchange(mailbox, ada, "7", "hello", "hi")
    mailbox.settle(Outcome("7", exchange=said))
    reply, asked = (number for number, _ in mailbox.last_turns(said.conversation))
    assert not mailbox.rate(reply, bob, 1)
    assert not mailbox.rate(asked, ada, 1)
    assert mailbox.rate(reply, ada, -1)
    assert mailbox.counts()["bad"] == 1
    assert mailbox.rate(reply, ada, 0)
    assert mailbox.counts()["bad"] == 0


def test_a_chat_is_open_until_it_is_closed_and_again_when_someone_writes(mailbox: Mailbox) -> None:
    person = mailbox.store.person("post", "ada")
    mailbox.settle(Outcome("7", (), person, [{"text": "never sent"}]))
    mailbox.settle(Outcome("8", (), person))
    mailbox.close_chat("7")
    assert (mailbox.open_chats(), mailbox.parcels("7")) == (["8"], [])
    mailbox.settle(Outcome("7", (), person))
    assert mailbox.open_chats() == ["7", "8"]


def test_a_chat_that_becomes_another_one_takes_everything_along(mailbox: Mailbox) -> None:
    person = mailbox.store.person("post", "ada")
    number = mailbox.conversation(person, "-1")
    mailbox.receive([letter("1", "-1")])
    mailbox.settle(Outcome("-1", (), person, [{"text": "hi"}]))
    mailbox.move_chat("-1", "-100")
    assert [one.chat for one in mailbox.waiting()] == ["-100"]
    assert len(mailbox.parcels("-100")) == 1
    assert mailbox.conversation(person, "-100") == number
    assert mailbox.open_chats() == ["-100"]


def test_the_same_is_posted_once(mailbox: Mailbox) -> None:
    for _ in range(2):
        mailbox.post(["7", "8"], [{"text": "news"}], "broadcast:1")
    assert [len(mailbox.parcels(chat)) for chat in ("7", "8")] == [1, 1]


def test_who_is_forgotten_leaves_nothing_in_the_boxes(mailbox: Mailbox) -> None:
    (mine,) = mailbox.receive([letter("1", "42", "secret")])
    mailbox.receive([letter("2", "42", "secret, too")])
    person = mailbox.store.person("post", "42")
    mailbox.settle(Outcome("42", [mine.number], person, [{"text": "hi"}], exchange(mailbox, person, "42", "a", "b")))
    Archive(mailbox.store).erase("post:42")
    with mailbox.store.reading() as connection:
        for table in ("inbox", "outbox", "chats", "turns", "conversations", "people"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_a_chat_is_worked_on_by_one_process_at_a_time(database: str) -> None:
    store = Store(database)
    one, other = Mailbox(store, "post"), Mailbox(store, "post")
    with one.claims() as claim, other.claims() as claim_too:
        assert (claim("7"), claim_too("7"), claim_too("8")) == (True, False, True)
        one.release("7")
        assert claim_too("7")
    store.close()
