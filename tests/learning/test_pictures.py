"""A picture gets a sentence: coloured shapes that it has never seen are described right."""

import random
from pathlib import Path

import pytest
import torch

from chatbot.bot import load_bot
from chatbot.dialogue import Turn
from chatbot.learning import prepare_training
from tests.conftest import Chatbot

Image = pytest.importorskip("PIL.Image", reason="pictures need Pillow")
ImageDraw = pytest.importorskip("PIL.ImageDraw")

COLOURS = {"red": (220, 40, 40), "green": (40, 180, 60), "blue": (50, 70, 220), "yellow": (230, 210, 40)}
SHAPES = ("circle", "square", "triangle")
PLACES = ("top left", "top right", "bottom left", "bottom right")
BOT = """\
corpora = ["shapes"]
[text]
vocabulary_size = 300
unit = "word"
context_turns = 1
[model]
embedding_size = 32
dropout = 0.0
[model.encoder]
kind = "image"
channels = 24
hidden_size = 64
[model.decoder]
kind = "gru"
hidden_size = 64
[training]
steps = 400
batch_tokens = 800
learning_rate = 2e-3
warm_up_steps = 20
ema = 0.95
validations = 1
validation_pairs = 20
precision = "float32"
[search]
kind = "greedy"
"""


def draw(path: Path, dice: random.Random) -> str:
    """Draw a shape and return what it is."""
    colour, shape, place = dice.choice(list(COLOURS)), dice.choice(SHAPES), dice.choice(PLACES)
    tone = tuple(max(0, min(255, part + dice.randint(-25, 25))) for part in COLOURS[colour])
    size = dice.randint(9, 13)
    across = (16 if "left" in place else 48) + dice.randint(-3, 3)
    down = (16 if "top" in place else 48) + dice.randint(-3, 3)
    picture = Image.new("RGB", (64, 64), tuple(dice.randint(0, 40) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    box = (across - size, down - size, across + size, down + size)
    if shape == "circle":
        pen.ellipse(box, fill=tone)
    elif shape == "square":
        pen.rectangle(box, fill=tone)
    else:
        pen.polygon([(across, box[1]), (box[0], box[3]), (box[2], box[3])], fill=tone)
    picture.save(path)
    return f"a {colour} {shape} at the {place}"


def make_shapes(folder: Path, count: int, seed: int) -> dict[str, str]:
    folder.mkdir(parents=True)
    dice = random.Random(seed)
    return {f"{number}.png": draw(folder / f"{number}.png", dice) for number in range(count)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bot that was trained to describe shapes."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("shapes")
    told = make_shapes(folder / "corpora" / "shapes" / "pictures", 1500, seed=1)
    lines = [f'pictures/{name},"{text}"' for name, text in told.items()]
    (folder / "corpora" / "shapes" / "captions.csv").write_text("\n".join(["path,text", *lines]), encoding="utf-8")
    (folder / "corpora" / "shapes" / "corpus.toml").write_text(
        'title = "Shapes"\nfiles = ["captions.csv"]\n[reader]\nkind = "captions"\n[filters]\nsame_answer = 1000\n',
        encoding="utf-8",
    )
    (folder / "bots").mkdir()
    (folder / "bots" / "shapes.toml").write_text(BOT, encoding="utf-8")
    bot = load_bot(str(folder / "bots" / "shapes.toml"))
    list(prepare_training(bot, torch.device("cpu"), fresh=True, say=lambda line: None).events())
    return folder


def test_unseen_shapes_are_described_right(project: Path, tmp_path: Path) -> None:
    told = make_shapes(tmp_path / "unseen", 100, seed=2)
    bot = load_bot(str(project / "bots" / "shapes.toml"))
    shown = [[Turn("you", str(tmp_path / "unseen" / name))] for name in told]
    said = bot.replier().answers(shown, [bot.name] * len(shown), [1] * len(shown))
    wrong = [(one, wanted) for one, wanted in zip(said, told.values(), strict=True) if one != wanted]
    assert len(wrong) <= 5, wrong


def test_a_picture_is_shown_with_image_and_words_are_refused(project: Path, chatbot: Chatbot, tmp_path: Path) -> None:
    (text,) = make_shapes(tmp_path / "one", 1, seed=3).values()
    done = chatbot("chat", "shapes", cwd=project, stdin=f"/image {tmp_path}/one/0.png\n", check=True)
    assert done.stdout == f"{text}\n"
    refused = chatbot("chat", "shapes", "hello", cwd=project)
    assert refused.returncode == 2
    assert "answers pictures" in refused.stderr
    missing = chatbot("chat", "shapes", "/image", "no.png", cwd=project)
    assert missing.returncode == 2
    assert "no.png: there is no such file" in missing.stderr


def test_a_damaged_picture_is_one_error_that_names_it(project: Path, chatbot: Chatbot, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG but no more")
    done = chatbot("chat", "shapes", "/image", str(tmp_path / "bad.png"), cwd=project)
    assert done.returncode == 2
    assert "bad.png: cannot be looked at" in done.stderr
    assert "Traceback" not in done.stderr
