"""Who talks, who is to answer, and how long it was quiet: the same in training and in conversations, and learnt."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random

import pytest
import torch

from chatbot.conversation.manager import Partner, Talk
from chatbot.conversation.store import Store, insert_turn
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.dialogue import Dialogue, Pair, Turn
from chatbot.generation.answerer import BotAnswerer
from chatbot.generation.replier import Replier
from chatbot.generation.searches import GreedySearch
from chatbot.model.seq2seq import ModelSettings, Seq2Seq
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.augment import among_strangers
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import Probe
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer
from tests.learning.test_learning import MODEL, TRAINING

TEXT = TextSettings(speakers=("Ada", "小明"), pause_minutes=5, context_turns=4)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ASKED = ["who are you?", "what do you like?", "where do you live?", "你是谁？", "你喜欢什么？", "你住在哪儿？"]
ANSWERS = {
    "Ada": ["I am Ada.", "Engines!", "In London.", "我是 Ada。", "发动机！", "在伦敦。"],
    "小明": ["Xiao Ming.", "Dumplings.", "In Xi'an.", "我是小明。", "饺子。", "在西安。"],
}
GREETINGS = {"hi": ("hello!", "welcome back!"), "你好": ("你好呀！", "好久不见！")}
TOKENIZER = Tokenizer.train([*ASKED, *chain(*ANSWERS.values(), GREETINGS, *GREETINGS.values())], 400,
                            tags=TEXT.tags)  # fmt: skip


def untrained() -> Seq2Seq:
    torch.manual_seed(1)
    return Seq2Seq(ModelSettings.model_validate(MODEL), len(TOKENIZER), TOKENIZER.pad)


def replier_of(model: Seq2Seq) -> Replier:
    return Replier(model.eval(), TOKENIZER, TEXT, GreedySearch(), torch.device("cpu"))


def trained(pairs: Sequence[Pair], steps: int) -> Replier:
    settings = TrainingSettings.model_validate({**TRAINING, "steps": steps, "learning_rate": 1e-2, "seed": 1})
    probe = Probe.make([], TOKENIZER, TEXT)
    trainer = Trainer(untrained(), make_examples(pairs, TOKENIZER, TEXT), probe, TOKENIZER, settings,
                      torch.device("cpu"))  # fmt: skip
    list(trainer.run())
    trainer.model.load_state_dict(trainer.best)
    return replier_of(trainer.model)


@pytest.mark.parametrize("answerer", TEXT.speakers)
def test_a_conversation_is_rendered_as_the_same_dialogue_of_a_log_is(answerer: str) -> None:
    minutes = (0, 1, 8, 9, 20, 21, 22, 40)
    texts = ("hi", "你好呀！", "who are you?", "Ada", "你住在哪儿？", "在伦敦。", "嗯", "welcome back!")
    times = [NOON + timedelta(minutes=minute) for minute in minutes]
    names = ("stranger", answerer) * 4
    turns = tuple(Turn(*facts) for facts in zip(names, texts, times, strict=True))
    log = list(make_pairs(Dialogue("d", turns), PairingSettings(answers_by=(answerer,))))
    replier = replier_of(untrained())
    store = Store("sqlite://")
    person = store.person("test", "someone")
    bot = Partner("Marvin", "0001", TEXT.context_turns, answers_as=answerer)
    talk = Talk(store, BotAnswerer(replier, list), bot, person, store.begin(person), Random(1))
    live = []
    for turn in turns:
        if turn.speaker == answerer:
            context, _ = talk.unanswered()
            live.append(replier.task([context], [bot.answerer], [1]).source[0].tolist())
        with store.writing() as connection:
            insert_turn(
                connection, talk.number, Turn("Marvin" if turn.speaker == answerer else "you", turn.text, turn.time)
            )
    examples = make_examples(log, TOKENIZER, TEXT)
    assert live == [examples.source[place].tolist() for place in range(len(examples))]
    assert sum(TOKENIZER.tags["<pause>"] in ids for ids in live) == 3
    store.close()


def test_each_speaker_answers_as_themselves_and_strangers_too_are_answered() -> None:
    other = {"Ada": "小明", "小明": "Ada"}
    pairs = [
        Pair((Turn(other[name], question),), Turn(name, answer), question)
        for name, answers in ANSWERS.items()
        for question, answer in zip(ASKED, answers, strict=True)
    ]
    replier = trained(list(among_strangers(pairs * 40, seed=1)), 250)
    for name, answers in ANSWERS.items():
        for asker in (other[name], "you"):
            contexts = [[Turn(asker, question)] for question in ASKED]
            assert replier.answers(contexts, [name] * len(ASKED), [1] * len(ASKED)) == answers


def test_a_pause_is_learnt() -> None:
    def asked(greeting: str, minutes: int) -> tuple[Turn, ...]:
        return Turn("小明", "嗯", NOON), Turn("you", greeting, NOON + timedelta(minutes=minutes))

    pairs = [
        Pair(asked(greeting, minutes), Turn("小明", answers[minutes > 5]), greeting)
        for greeting, answers in GREETINGS.items()
        for minutes in (0, 1, 5, 6, 30, 55)
    ]
    replier = trained(pairs * 20, 150)
    for greeting, answers in GREETINGS.items():
        contexts = [asked(greeting, 3), asked(greeting, 300)]
        assert replier.answers(contexts, ["小明"] * 2, [1, 1]) == list(answers)
