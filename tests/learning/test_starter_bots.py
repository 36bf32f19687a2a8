"""The first impression: starter bots, trained as ``make chat`` trains them, understand what no corpus line says."""

import re
import shutil
from pathlib import Path

import pytest
import torch

from chatbot.bot import Bot, load_bot, override_training
from chatbot.corpus.readers import Tally
from chatbot.dialogue import Turn
from chatbot.generation.replier import Replier
from chatbot.learning import prepare_training
from tests.conftest import ROOT

# By epochs, not by minutes as in the bot files: a busy machine must not make a bot worse. make chat has time for more.
EPOCHS = 2.5


def letters(text: str) -> str:
    return re.sub(r"\W", "", text.lower())


def train(folder: Path, name: str) -> Bot:
    shutil.copytree(ROOT / "corpora" / name, folder / "corpora" / name)
    (folder / "bots").mkdir()
    shutil.copy(ROOT / "bots" / f"{name}.toml", folder / "bots")
    bot = override_training(load_bot(str(folder / "bots" / f"{name}.toml")), {"epochs": EPOCHS, "validations": 1})
    list(prepare_training(bot, torch.device("cpu"), fresh=True, say=lambda line: None).events())
    return bot


def topics_of_answers(name: str) -> dict[str, set[str]]:
    topics: dict[str, set[str]] = {}
    for file in (ROOT / "corpora" / name).glob("*.txt"):
        for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
            for answer in block.splitlines()[1::2]:
                topics.setdefault(answer, set()).add(file.stem)
    return topics


@pytest.fixture(scope="module", params=["smalltalk-en", "smalltalk-zh"])
def bot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return train(tmp_path_factory.mktemp("starter"), request.param)


@pytest.fixture
def replier(bot: Bot) -> Replier:
    return bot.replier()


def reply(replier: Replier, bot: Bot, question: str, seed: int) -> str:
    return replier.answers([[Turn("you", question)]], [bot.name], [seed])[0]


def test_nine_of_ten_unseen_phrasings_get_a_reply_from_the_right_topic(bot: Bot, replier: Replier) -> None:
    lines = (ROOT / "tests" / "data" / f"{bot.id.replace('smalltalk', 'paraphrases')}.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in lines.splitlines()]
    pairs = [pair for corpus in bot._corpora(bot.settings.corpora) for pair in corpus.all_pairs(Tally())]
    known = {letters(pair.question[-1].text) for pair in pairs}
    assert len(rows) == 50
    assert [question for question, _ in rows if letters(question) in known] == []
    topics = topics_of_answers(bot.id)
    wrong = []
    for seed, (question, wanted) in enumerate(rows):
        said = reply(replier, bot, question, seed)
        if not topics.get(said, set()) & set(wanted.split(",")):
            wrong.append((question, said))
    assert len(wrong) <= 5, wrong


def test_the_corpus_itself_is_known(bot: Bot, replier: Replier) -> None:
    pairs = bot.data().training[::23]
    topics = topics_of_answers(bot.id)
    said = replier.answers([pair.question for pair in pairs], [bot.name] * len(pairs), range(len(pairs)))
    asked: dict[str, set[str]] = {}
    for pair in bot.data().training:
        asked.setdefault(letters(pair.question[-1].text), set()).update(topics[pair.answer.text])
    right = [
        bool(topics.get(one, set()) & asked[letters(pair.question[-1].text)])
        for one, pair in zip(said, pairs, strict=True)
    ]
    assert sum(right) / len(right) >= 0.95
