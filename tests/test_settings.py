"""Bot and corpus files: every problem is told at once, with the key and what was meant."""

from pathlib import Path

import pytest

from chatbot.bot import Bot, BotSettings
from chatbot.errors import SettingsError
from chatbot.settings import load_settings
from chatbot.text.context import TextSettings


def problems(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path, BotSettings)
    return caught.value.message.splitlines()


def test_all_problems_are_listed_together_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    found = problems(path, 'corpora = ["a"]\n[text]\nvocabulary_sise = 4000\n[training]\nlearning_rate = -1\n')
    assert found == [
        f'{path}: text.vocabulary_sise: unknown key; did you mean "vocabulary_size"?',
        f"{path}: training.learning_rate: input should be greater than 0 (it is -1)",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'corpora = ["a"]\n[model.encoder]\nkind = "lsmt"',
            'model.encoder.kind: unknown kind "lsmt"; did you mean "lstm"?',
        ),
        (
            'corpora = ["a"]\n[model.encoder]\nkind = "lstm"\nhiden_size = 4',
            'bot.toml: model.encoder.hiden_size: unknown key; did you mean "hidden_size"?',
        ),
        ('corpora = ["a"]\n[serach]\nkind = "beam"', 'serach: unknown key; did you mean "search"?'),
        ("", "corpora: is missing"),
    ],
)
def test_misspelt_words_get_a_suggestion(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path / "bot.toml", text)[0]


def test_what_is_not_toml_says_where(tmp_path: Path) -> None:
    assert "line 2" in problems(tmp_path / "bot.toml", 'corpora = ["a"]\n[text\n')[0]


def test_what_is_not_utf_8_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_bytes('name = "Zoë"'.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"bot.toml: is not UTF-8, as TOML is, from byte 10 on") as caught:
        load_settings(tmp_path / "bot.toml", BotSettings)
    assert caught.value.hint == "save it as UTF-8"


def test_a_missing_file_names_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "other.toml").touch()
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "bot.toml", BotSettings)
    assert caught.value.hint == f"{tmp_path} has: other.toml"


def test_settings_are_frozen() -> None:
    settings = BotSettings(corpora=("a",))
    with pytest.raises(ValueError, match="frozen"):
        settings.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('answers_as = "Ada"', "answers_as: [text] speakers has no Ada"),
        ('answers_as = "小名"\n[text]\nspeakers = ["小明名", "Bob"]', 'has no 小名; did you mean "小明名"?'),
        ('[text]\nspeakers = ["Ada"]\ncontext_turns = 1\n[objective]\nkind = "autoencoder"', "remove [text] speakers"),
        ('[text]\nspeakers = ["Ada"]\n[model.encoder]\nkind = "image"', "remove [text] speakers"),
    ],
)
def test_a_bot_answers_as_someone_it_tells_apart(tmp_path: Path, text: str, expected: str) -> None:
    (problem,) = problems(tmp_path / "bot.toml", f'corpora = ["a"]\n{text}\n')
    assert expected in problem
    assert ": : " not in problem


def test_whom_a_bot_answers_as_depends_on_what_its_version_has_learnt() -> None:
    bot = Bot(Path("robin.toml"), BotSettings(corpora=("a",)))
    both = TextSettings(speakers=("Ada", "小明"))
    assert [bot.answerer(text) for text in (TextSettings(), both)] == ["robin", "Ada"]
    chosen = Bot(bot.path, BotSettings(corpora=("a",), answers_as="小明", text=both))
    assert [chosen.answerer(text) for text in (TextSettings(), both)] == ["robin", "小明"]
    with pytest.raises(SettingsError, match="not learnt to answer as that speaker") as caught:
        chosen.answerer(TextSettings(speakers=("Ada", "Bob")))
    assert "chatbot train robin, or one of: Ada, Bob" in caught.value.hint
