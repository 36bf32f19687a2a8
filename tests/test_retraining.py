"""Retraining: from logs and conversations, without forgetting, and only for the better."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from chatbot.bot import BotSettings, load_bot
from chatbot.novelty import Sources, find_new
from chatbot.retraining import prepare_retraining, retrained_settings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.gate import GateSettings, ProbeSettings, objections
from chatbot.training.run import Kept, Run
from chatbot.training.schedule import Schedule
from chatbot.unlearning import clean_ancestor, tainted_versions
from tests.conftest import DIALOGUES, Chatbot

ASKED, SAID = '{{"speaker": "Ada", "text": "ping {0}"}}', '{{"speaker": "Bob", "text": "pong 乒乓 {0}"}}'
LINE = f'{{{{"id": "a:{{0}}", "turns": [{ASKED}, {SAID}]}}}}\n'
PROBES = """
[[probes]]
question = "good night"
expected = ["sleep"]

[[probes]]
question = "ping 1"
unwanted = ["乒乓"]
"""


@pytest.fixture
def log(trained: Path) -> str:
    (trained / "new.jsonl").write_text("".join(LINE.format(number) for number in range(40)), encoding="utf-8")
    return "new.jsonl"


def figures(new: float = 1.0, old: float = 1.0, distinct: float = 0.5, frequent: float = 0.1, ms: float = 20,
            passed: bool = True, lost: float = 0.0) -> dict[str, object]:  # fmt: skip
    return {
        "lost_in_all": lost,
        "new": {"bits_per_byte": new}, "old": {"bits_per_byte": old}, "latency_ms": ms,
        "replies": {"distinct_2": distinct, "most_frequent": frequent},
        "probes": [{"question": "who?", "reply": "me", "passed": passed}],
    }  # fmt: skip


@pytest.mark.parametrize("known", [(), ("Ada", "Bob")])
def test_a_version_answers_as_someone_whom_it_knows_or_as_itself(known: tuple[str, ...]) -> None:
    made = {"corpora": ["x"], "text": {"speakers": known}}
    today = {"corpora": ["x"], "answers_as": "Bob", "text": {"speakers": ["Ada", "Bob"]}}
    settings, frozen = BotSettings.model_validate(today), BotSettings.model_validate(made)
    retrained = retrained_settings(settings, frozen, "Bob", budgeted=False)
    assert BotSettings.model_validate_json(retrained.model_dump_json()) == retrained
    assert retrained.answers_as == ("Bob" if known else "")


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (figures(new=0.9), ""),
        (figures(new=1.0), "not better on new pairs"),
        (figures(new=0.9, old=1.019), ""),
        (figures(new=0.9, old=1.03), "worse on old pairs"),
        (figures(new=0.9, lost=0.039), ""),
        (figures(new=0.9, lost=0.041), "worse on the corpora: 4.1%"),
        (figures(new=0.9, distinct=0.4), "duller: distinct-2"),
        (figures(new=0.9, frequent=0.2), "duller: one reply"),
        (figures(new=0.9, ms=60), "slower"),
        (figures(new=0.9, passed=False), "fails a probe"),
    ],
)
def test_the_gate_says_what_speaks_against_a_version(after: dict[str, object], reason: str) -> None:
    found = objections(figures(), after, GateSettings())
    assert [one.startswith(reason) for one in found] == ([True] if reason else [])


def test_a_probe_looks_for_whole_words_in_any_language() -> None:
    probe = ProbeSettings(question="who are you?", expected=("Tiny", "小小"), unwanted=("human",))
    assert probe.passes("I am tiny!")
    assert probe.passes("我叫小小。")
    assert not probe.passes("I am Tinyest")
    assert not probe.passes("Tiny, a human")


def test_a_better_version_takes_the_place_of_its_parent(trained: Path, chatbot: Chatbot, log: str) -> None:
    done = chatbot("retrain", "tiny", log, "--steps", "400", cwd=trained, check=True)
    assert "old pairs" in done.stdout
    assert "new pairs" in done.stdout
    first, second = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)
    assert (second["parent"], second["current"], first["current"]) == ("0001", True, False)
    assert second["after"]["new"]["bits_per_byte"] < second["before"]["new"]["bits_per_byte"]
    assert "pong" in chatbot("chat", "tiny", "ping 7", cwd=trained).stdout
    again = chatbot("retrain", "tiny", log, cwd=trained)
    assert (again.returncode, "nothing new to learn" in again.stderr) == (0, True)
    chatbot("rollback", "tiny", cwd=trained, check=True)
    assert "pong" not in chatbot("chat", "tiny", "ping 7", cwd=trained).stdout
    chatbot("rollback", "tiny", "0002", cwd=trained, check=True)
    assert "0001 and 1 log" in chatbot("versions", "tiny", cwd=trained).stdout


def test_pruning_leaves_the_current_version_and_the_first_of_its_line(
    trained: Path, chatbot: Chatbot, log: str
) -> None:
    for seed in range(3):
        (trained / f"{seed}.jsonl").write_text((trained / log).read_text().replace("ping", f"ping {seed}"))
        chatbot("retrain", "tiny", f"{seed}.jsonl", "--steps", "1", "--promote", cwd=trained, check=True)
    pruned = chatbot("prune", "tiny", "--keep", "1", cwd=trained, check=True)
    assert (pruned.stdout, pruned.stderr) == ("0002\n0003\n", "2 versions deleted; tiny stays at 0004\n")
    known = chatbot("retrain", "tiny", "1.jsonl", cwd=trained)
    assert (known.returncode, "nothing new to learn" in known.stderr) == (0, True)
    run, _ = prepare(trained, log, parent="0004")
    first = load_bot(str(trained / "bots" / "tiny.toml")).replier("0001").model
    assert run.trainer.teacher is not None
    assert torch.equal(run.trainer.teacher.model.embedding.weight, first.embedding.weight)
    assert [one["version"] for one in run.card["ancestors"]] == ["0004", "0003", "0002", "0001"]


def test_what_came_of_a_version_that_learnt_from_the_forgotten_is_known_when_those_between_are_gone(
    trained: Path, chatbot: Chatbot, log: str
) -> None:
    two_people(trained, chatbot)
    chatbot("retrain", "tiny", "--conversations", "--steps", "1", "--promote", cwd=trained, check=True)
    for seed in range(2):
        (trained / f"{seed}.jsonl").write_text((trained / log).read_text().replace("ping", f"ping {seed}"))
        chatbot("retrain", "tiny", f"{seed}.jsonl", "--steps", "1", "--promote", cwd=trained, check=True)
    chatbot("prune", "tiny", "--keep", "1", cwd=trained, check=True)
    chatbot("conversations", "forget", "tiny", "ada", "--yes", cwd=trained, check=True)
    bot = load_bot(str(trained / "bots" / "tiny.toml"))
    assert (tainted_versions(bot) & set(bot.versions.names()), clean_ancestor(bot)) == ({"0004"}, "0001")


def test_a_log_by_which_no_version_could_be_judged_waits_for_more(trained: Path, chatbot: Chatbot) -> None:
    few = '{"id": "a", "turns": [{"speaker": "Ada", "text": "ping"}, {"speaker": "Bob", "text": "pong"}]}\n'
    (trained / "few.jsonl").write_text(few, encoding="utf-8")
    done = chatbot("retrain", "tiny", "few.jsonl", cwd=trained)
    assert (done.returncode, "1 new pair, but no dialogue to hold out" in done.stderr) == (0, True)
    assert len(json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)) == 1
    chatbot("retrain", "tiny", "few.jsonl", "--promote", cwd=trained, check=True)


def test_a_version_that_is_not_better_is_kept_and_not_taken(trained: Path, chatbot: Chatbot, log: str) -> None:
    with (trained / "bots" / "tiny.toml").open("a") as file:
        file.write(PROBES)
    done = chatbot("retrain", "tiny", log, "--steps", "400", cwd=trained)
    assert done.returncode == 1
    assert "fails a probe that its parent passed: ping 1" in done.stderr
    assert "rollback tiny 0002" in done.stderr
    assert chatbot("chat", "tiny", "--json", "hello", cwd=trained).stdout.count('"version": "0001"') == 1
    again = chatbot("retrain", "tiny", log, cwd=trained)
    assert (again.returncode, "version 0002 did" in again.stderr) == (0, True)
    chatbot("retrain", "tiny", log, "--steps", "300", "--promote", cwd=trained, check=True)
    assert json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)[-1]["forced"]


def test_liked_replies_are_learnt_and_disliked_ones_are_not(trained: Path, chatbot: Chatbot) -> None:
    script = "".join(f"question {number}\n" for number in range(12))
    chatbot("chat", "tiny", cwd=trained, stdin=script, check=True)
    nothing = chatbot("retrain", "tiny", "--conversations", "--since", "2999-01-01", cwd=trained)
    assert (nothing.returncode, "nothing new" in nothing.stderr) == (0, True)
    done = chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    assert "new pairs" in done.stderr
    card = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)[-1]
    assert (card["people"], card["until"] is not None) == (1, True)
    again = chatbot("retrain", "tiny", "--conversations", cwd=trained)
    assert (again.returncode, "nothing new" in again.stderr) == (0, True)
    person = json.loads(chatbot("conversations", "list", "tiny", "--json", cwd=trained).stdout)[0]["person"]
    gone = chatbot("conversations", "forget", "tiny", person, "--yes", cwd=trained, check=True)
    assert "versions that learnt from them: 0002" in gone.stdout
    chatbot("rollback", "tiny", "0001", cwd=trained, check=True)
    assert chatbot("prune", "tiny", "--tainted", cwd=trained, check=True).stdout == "0002\n"


def test_disliked_replies_are_trained_against_when_the_bot_file_says_so(trained: Path, chatbot: Chatbot) -> None:
    with (trained / "bots" / "tiny.toml").open("a") as file:
        file.write("\n[retraining]\nunlikelihood = 1.0\n")
    script = "".join(f"question {number}\n" for number in range(12))
    chatbot("chat", "tiny", cwd=trained, stdin=script, check=True)
    store = load_bot(str(trained / "bots" / "tiny.toml")).settings.conversations.open_store(trained / "bots/tiny.toml")
    assert store.rate(1, -1)
    store.close()
    done = chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    assert "disliked reply" not in done.stderr
    bot = load_bot(str(trained / "bots" / "tiny.toml"))
    new = find_new(bot, "0001", Sources(conversations=True), lambda line: None)
    run = prepare_retraining(bot, new, False, torch.device("cpu"), True, False, lambda line: None)
    assert (run.trainer.examples.disliked, run.trainer.unlikelihood) == (3, 1.0)  # once in each round


def two_people(trained: Path, chatbot: Chatbot) -> None:
    """Have Ada and Bob talk to the bot."""
    for user in ("ada", "bob"):
        script = "".join(f"{user} asks {number}\n" for number in range(12))
        chatbot("chat", "tiny", cwd=trained, stdin=script, user=user, check=True)


def test_what_a_forgotten_person_said_is_unlearnt(trained: Path, chatbot: Chatbot, log: str) -> None:
    two_people(trained, chatbot)
    chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    chatbot("retrain", "tiny", log, "--steps", "5", "--promote", cwd=trained, check=True)
    gone = chatbot("conversations", "forget", "tiny", "ada", "--yes", cwd=trained, check=True)
    assert "retrain tiny --without-forgotten" in gone.stderr
    warned = chatbot("retrain", "tiny", "--conversations", cwd=trained)
    assert "0003 has learnt from people who were forgotten" in warned.stderr
    done = chatbot("retrain", "tiny", "--without-forgotten", "--steps", "5", "--promote", cwd=trained, check=True)
    assert "Version 0004 knows nothing of who was forgotten" in done.stderr
    cards = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)
    fourth = cards[-1]
    assert (fourth["version"], fourth["parent"], fourth["current"]) == ("0004", "0001", True)
    assert (fourth["people"], len(fourth["logs"])) == (1, 1)
    assert cards[1]["people"] == 2
    (erased,) = json.loads(chatbot("conversations", "erasures", "tiny", "--json", cwd=trained).stdout)
    assert (erased["versions"], erased["clean_from"]) == (["0002"], "0004")
    assert chatbot("prune", "tiny", "--tainted", cwd=trained, check=True).stdout == "0002\n0003\n"
    again = chatbot("retrain", "tiny", "--without-forgotten", cwd=trained, check=True)
    assert "nothing new to learn" in again.stderr


def test_without_an_innocent_ancestor_one_from_scratch_comes_first(trained: Path, chatbot: Chatbot) -> None:
    two_people(trained, chatbot)
    chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    load_bot(str(trained / "bots" / "tiny.toml")).versions.remove("0001")
    chatbot("conversations", "forget", "tiny", "ada", "--yes", cwd=trained, check=True)
    done = chatbot("retrain", "tiny", "--without-forgotten", "--steps", "5", "--promote", cwd=trained, check=True)
    assert "one from scratch comes first" in done.stderr
    cards = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)
    assert [(card["version"], card["kind"]) for card in cards[1:]] == [("0003", "trained"), ("0004", "retrained")]
    assert cards[-1]["people"] == 1


def test_a_refused_version_leaves_the_bot_at_the_innocent_ancestor(trained: Path, chatbot: Chatbot, log: str) -> None:
    two_people(trained, chatbot)
    chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    chatbot("conversations", "forget", "tiny", "ada", "--yes", cwd=trained, check=True)
    with (trained / "bots" / "tiny.toml").open("a") as file:
        file.write(PROBES)
    done = chatbot("retrain", "tiny", log, "--without-forgotten", "--steps", "400", cwd=trained)
    assert done.returncode == 1
    assert "Version 0001 knows nothing of who was forgotten" in done.stderr
    card = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)[-1]
    assert [bool(card[when]["probes"][0]["reply"]) for when in ("before", "after")] == [False, True]
    assert chatbot("prune", "tiny", "--tainted", cwd=trained, check=True).stdout == "0002\n"


RUSSIAN = """\
{{"id": "r:{0}", "turns": [{{"speaker": "Ada", "text": "привет, как дела {0}?"}}, \
{{"speaker": "Bob", "text": "спасибо, хорошо, а у тебя {0}?"}}]}}
"""


@pytest.fixture
def russian(trained: Path) -> str:
    (trained / "ru.jsonl").write_text("".join(RUSSIAN.format(number) for number in range(40)), encoding="utf-8")
    return "ru.jsonl"


def configure(trained: Path, settings: str) -> Path:
    """Give the bot these settings of retraining; return its file."""
    path = trained / "bots" / "tiny.toml"
    plain = path.read_text(encoding="utf-8").split("[retraining]")[0]
    path.write_text(f"{plain}\n[retraining]\n{settings}\n", encoding="utf-8")
    return path


def prepare(
    trained: Path, log: str, fresh: bool = True, settings: str = "", parent: str = "0001"
) -> tuple[Run, list[str]]:
    """Return a retraining of a version on a log, and what was said about it."""
    said = list[str]()
    bot = load_bot(str(configure(trained, settings)))
    new = find_new(bot, parent, Sources([str(trained / log)]), said.append)
    return prepare_retraining(bot, new, True, torch.device("cpu"), fresh, False, said.append), said


def test_another_script_makes_the_vocabulary_grow(trained: Path, chatbot: Chatbot, russian: str) -> None:
    done = chatbot("retrain", "tiny", russian, "--steps", "400", cwd=trained, check=True)
    assert "entries added" in done.stderr
    first, second = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)
    found = second["vocabulary"]
    assert second["current"]
    assert 0 < found["added"] <= 200
    assert found["before"]["new"] < 0.6 * found["before"]["old"]
    assert found["after"]["new"] > 1.5 * found["before"]["new"]
    assert second["after"]["new"]["bits_per_byte"] < second["before"]["new"]["bits_per_byte"]
    assert second["parameters"] > first["parameters"]
    card = (trained / "bots" / "tiny" / "versions" / "0002" / "card.md").read_text(encoding="utf-8")
    assert f"{found['added']} entries added" in card
    assert "спасибо" in chatbot("chat", "tiny", "привет, как дела 7?", cwd=trained).stdout
    chatbot("rollback", "tiny", cwd=trained, check=True)
    assert "Hello" in chatbot("chat", "tiny", "hello", cwd=trained, check=True).stdout


def held_out(said: list[str]) -> tuple[int, int]:
    """Return how many new pairs and how many old ones are held out, as was said."""
    found = re.search(r"(\d+) and (\d+) held out", "\n".join(said))
    assert found
    return int(found[1]), int(found[2])


def test_what_one_retraining_learnt_is_old_to_the_next(trained: Path, chatbot: Chatbot, log: str, russian: str) -> None:
    held_out_then, _ = held_out(prepare(trained, russian)[1])
    chatbot("retrain", "tiny", russian, "--steps", "20", "--promote", cwd=trained, check=True)
    first, second = (prepare(trained, log, parent=parent) for parent in ("0001", "0002"))
    new, old = held_out(first[1])
    assert held_out_then > 0
    assert held_out(second[1]) == (new, old + held_out_then)


def test_a_known_script_does_not(trained: Path) -> None:
    lines = DIALOGUES.replace("Tiny", "Robin").replace("\n\n", "\n").splitlines()
    rows = [
        {"id": str(place), "turns": [{"speaker": "A", "text": asked}, {"speaker": "B", "text": said}]}
        for place, (asked, said) in enumerate(itertools.pairwise(lines))
    ]
    (trained / "same.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run, said = prepare(trained, "same.jsonl")
    assert any("it stays as it is" in line for line in said)
    assert run.card["vocabulary"]["added"] == 0
    assert len(run.tokenizer) == len(Tokenizer.load(trained / "bots" / "tiny" / "versions" / "0001"))


def test_the_parent_is_measured_with_its_own_vocabulary(trained: Path, russian: str) -> None:
    (grown, _), (stays, _) = prepare(trained, russian), prepare(trained, russian, settings="grow_at = 0.0")
    assert grown.card["vocabulary"]["added"] > 0 == stays.card["vocabulary"]["added"]
    before, other = (run.compare(run.trainer.model.eval()) for run in (grown, stays))
    for part in ("old", "new"):
        assert before["before"][part] == other["before"][part]
        assert other["before"][part] == other["after"][part]
    assert before["after"]["new"] != before["before"]["new"]
    assert before["before"]["replies"] == other["before"]["replies"]


def test_the_version_before_teaches_what_is_recalled(trained: Path, russian: str) -> None:
    run, _ = prepare(trained, russian)
    recalled, teacher = run.card["replayed_pairs"], run.trainer.teacher
    assert teacher is not None
    assert run.trainer.examples.recalled == recalled > 0
    assert teacher.model.embedding.weight.shape == run.trainer.model.embedding.weight.shape  # it has grown, too
    before = teacher.model.embedding.weight.clone()
    torch.testing.assert_close(run.trainer.model.embedding.weight.detach(), before)
    events = run.events()
    for _ in range(4):
        next(events)
    torch.testing.assert_close(teacher.model.embedding.weight, before)
    assert not torch.equal(run.trainer.model.embedding.weight.detach(), before)
    plain, _ = prepare(trained, russian, settings="hold = 0.0")
    assert (plain.trainer.teacher, plain.trainer.examples.recalled) == (None, recalled)


def test_retraining_has_a_dropout_of_its_own(trained: Path, russian: str) -> None:
    plain, _ = prepare(trained, russian)
    other, _ = prepare(trained, russian, settings="dropout = 0.5")
    assert [run.trainer.model.dropout.probability for run in (plain, other)] == [0, 0.5]
    assert '"dropout": 0.5' in other.settings


def test_the_first_version_teaches_what_the_corpora_say(
    trained: Path, chatbot: Chatbot, log: str, russian: str
) -> None:
    chatbot("retrain", "tiny", log, "--steps", "20", "--promote", cwd=trained, check=True)
    run, _ = prepare(trained, russian, parent="0002", settings="grow_at = 0.0")
    first, later = (load_bot(str(trained / "bots" / "tiny.toml")).replier(name).model for name in ("0001", "0002"))
    assert run.trainer.teacher is not None
    taught = run.trainer.teacher.model.embedding.weight
    assert torch.equal(taught, first.embedding.weight)
    assert not torch.equal(taught, later.embedding.weight)
    assert torch.equal(run.trainer.model.embedding.weight, later.embedding.weight)
    assert 0 < run.trainer.examples.recalled < run.card["replayed_pairs"]
    grown, _ = prepare(trained, russian, parent="0002", settings="grow_at = 0.1")
    assert grown.trainer.teacher is not None
    size = later.vocabulary_size
    assert torch.equal(grown.trainer.teacher.model.embedding.weight[:size], later.embedding.weight[:size])


def lost(card: dict[str, Any]) -> float:
    """Return by what share a version is worse on old pairs than the one before it."""
    before, after = (card[when]["old"]["bits_per_byte"] for when in ("before", "after"))
    return float(after / before - 1)


def test_a_retraining_that_forgets_too_much_steps_back(trained: Path, russian: str) -> None:
    path = trained / "bots" / "tiny.toml"
    path.write_text(path.read_text().replace("[training]", "[training]\nreplay = 0.0\nvalidation_share = 0.4"))

    def retrained(settings: str) -> tuple[float | None, float]:
        """Return which share of the way was gone, and by which share the old is worse."""
        run, _ = prepare(trained, russian, settings=settings)
        run.trainer.settings = run.trainer.settings.model_copy(update={"steps": 60})
        run.trainer.schedule = Schedule(run.trainer.settings)
        *_, kept = run.events()
        assert isinstance(kept, Kept)
        return kept.card.get("share_of_the_way"), lost(kept.card)

    free = "gate.old_loss = 100.0\ngate.old_loss_in_all = 100.0"
    (_, most), all_the_way = retrained("step_back = false"), retrained(free)
    assert most > 0.02
    assert all_the_way == (1.0, most)
    for limit in ("old_loss", "old_loss_in_all"):
        share, less = retrained(free.replace(f"{limit} = 100.0", f"{limit} = {most / 2}"))
        assert share is not None and share < 1
        assert less <= most / 2


def test_what_all_retrainings_lose_together_is_measured_beside_the_first(
    trained: Path, chatbot: Chatbot, log: str, russian: str
) -> None:
    settings = "gate.old_loss = 100.0\ngate.old_loss_in_all = 100.0\ngrow_at = 0.0"
    path = trained / "bots" / "tiny.toml"
    path.write_text(path.read_text().replace("[training]", "[training]\nreplay = 0.0\nvalidation_share = 0.4"))
    configure(trained, settings)
    chatbot("retrain", "tiny", log, "--steps", "60", "--promote", cwd=trained, check=True)
    run, _ = prepare(trained, russian, parent="0002", settings=settings)
    *_, kept = run.events()
    assert isinstance(kept, Kept)
    first, second = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)[1:]
    assert (first["first"], second["first"]) == ("0001", "0001")
    assert 0 < first["lost_in_all"] == pytest.approx(lost(first))
    assert second["lost_in_all"] > 2 * lost(second)  # what came before counts
    text = (kept.path / "card.md").read_text(encoding="utf-8")
    assert f"it needs {second['lost_in_all']:+.1%} bits beside version 0001" in text


def test_a_line_that_has_lost_all_it_may_still_steps_back_by_what_a_version_may(
    trained: Path, chatbot: Chatbot, log: str, russian: str
) -> None:
    path = trained / "bots" / "tiny.toml"
    path.write_text(path.read_text().replace("[training]", "[training]\nreplay = 0.0\nvalidation_share = 0.4"))
    configure(trained, "step_back = false\ngrow_at = 0.0")
    chatbot("retrain", "tiny", log, "--steps", "60", "--promote", cwd=trained, check=True)
    run, _ = prepare(trained, russian, parent="0002", settings="grow_at = 0.0\ngate.old_loss_in_all = 0.0")
    *_, kept = run.events()
    assert isinstance(kept, Kept)
    assert lost(kept.card) <= 0.02
    assert any(one.startswith("worse on the corpora") for one in kept.objections)


def test_what_is_new_hides_what_the_bots_corpora_hide(trained: Path, chatbot: Chatbot) -> None:
    manifest = trained / "corpora" / "tiny" / "corpus.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + '\n[privacy]\nregions = ["DE"]\n', encoding="utf-8")
    (trained / "new.tsv").write_text("".join(f"ping {one}\tpong 030 901820\n" for one in range(9)), encoding="utf-8")
    new = find_new(load_bot(str(trained / "bots" / "tiny.toml")), "0001", Sources([str(trained / "new.tsv")]), print)
    assert {pair.answer.text for pair in new.pairs} == {"pong <phone>"}
    assert new.hidden == {"phone": 9}


def test_a_retraining_that_grows_goes_on_where_it_was_stopped(trained: Path, russian: str) -> None:
    settings = "ewc = 1.0"
    run, _ = prepare(trained, russian, settings=settings)
    events = run.events()
    for _ in range(4):
        next(events)
    run.trainer.save()
    again, _ = prepare(trained, russian, fresh=False, settings=settings)
    assert (again.resumed, again.trainer.position.step) == (True, run.trainer.position.step)
    assert again.card["vocabulary"] == run.card["vocabulary"]
    known = len(Tokenizer.load(trained / "bots" / "tiny" / "versions" / "0001"))
    again.trainer.settings = again.trainer.settings.model_copy(update={"steps": 8})
    *_, kept = again.events()
    assert isinstance(kept, Kept)
    assert len(Tokenizer.load(kept.path)) == known + again.card["vocabulary"]["added"]


def test_what_grew_with_a_forgotten_person_is_gone_with_them(trained: Path, chatbot: Chatbot, russian: str) -> None:
    with (trained / "bots" / "tiny.toml").open("a") as file:
        file.write("\n[retraining]\ngrow_at = 0.2\n")
    greek = ("τι κάνεις", "πού πας", "πώς είσαι", "τι ώρα είναι", "έλα εδώ", "ευχαριστώ πολύ", "μη φύγεις", "θα έρθω")
    for user, script in (("ada", "".join(f"{said}, καλημέρα\n" for said in greek)), ("bob", "Bob asks\nBob waits\n")):
        chatbot("chat", "tiny", cwd=trained, stdin=script, user=user, check=True)
    chatbot("retrain", "tiny", "--conversations", "--steps", "5", "--promote", cwd=trained, check=True)
    chatbot("retrain", "tiny", russian, "--steps", "5", "--promote", cwd=trained, check=True)
    chatbot("conversations", "forget", "tiny", "ada", "--yes", cwd=trained, check=True)
    done = chatbot("retrain", "tiny", "--without-forgotten", "--steps", "5", "--promote", cwd=trained, check=True)
    assert "entries added" in done.stderr
    cards = json.loads(chatbot("versions", "tiny", "--json", cwd=trained).stdout)
    assert (cards[-1]["parent"], cards[-1]["current"]) == ("0001", True)
    folder = trained / "bots" / "tiny" / "versions"
    first, tainted, clean = (len(Tokenizer.load(folder / name).encode("καλημέρα")) for name in ("0001", "0002", "0004"))
    assert tainted < first == clean, "no entry is left that spells what only Ada wrote"
    chatbot("chat", "tiny", "hello", cwd=trained, check=True)


def test_a_schedule_is_printed(trained: Path, chatbot: Chatbot) -> None:
    printed = chatbot("retrain", "tiny", "--schedule", cwd=trained, check=True).stdout
    assert f"cd {trained} && " in printed
    assert "OnCalendar" in printed
    assert chatbot("retrain", "tiny", cwd=trained).returncode == 2
