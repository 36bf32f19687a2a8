"""Bots side by side, and the pictures of it."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from chatbot.charts import line_chart
from tests.conftest import Chatbot


def test_a_chart_has_a_line_and_a_name_for_each() -> None:
    root = ET.fromstring(line_chart("a < b", "x", "y", {"one": [(0, 1), (1, 2)], "two": [(0, 2)], "none": []}))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "one", "two", "none"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 3


def test_axes_count_in_round_numbers() -> None:
    root = ET.fromstring(line_chart("", "x", "y", {"one": [(3.77, 0.579), (15.5, 1.0)]}))
    texts = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    numbers = [float(one) for one in texts if one.replace(".", "").isdigit()]
    assert sorted(numbers) == [0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 4, 6, 8, 10, 12, 14, 16]


def test_a_chart_of_nothing_is_nothing() -> None:
    assert line_chart("a", "x", "y", {}) == ""


def test_bots_are_trained_alike_and_told_in_a_table_and_a_page(project: Path, chatbot: Chatbot) -> None:
    tiny = (project / "bots" / "tiny.toml").read_text(encoding="utf-8").replace("validations = 3", "validations = 2")
    tiny = tiny.replace("train_on_all = true", "validation_share = 0.4")
    (project / "bots" / "tiny.toml").write_text(tiny, encoding="utf-8")
    blind = tiny.replace("[training]", '[model.attention]\nkind = "none"\n\n[training]')
    (project / "bots" / "blind.toml").write_text(blind, encoding="utf-8")
    done = chatbot("compare", "tiny", "blind", "--steps", "6", "-o", "out", cwd=project, check=True)
    assert "tiny" in done.stdout
    assert "blind" in done.stdout
    rows = json.loads((project / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert [row["bot"] for row in rows] == ["tiny", "blind"]
    assert [row["steps"] for row in rows] == [6, 6]
    assert rows[0]["parameters"] > rows[1]["parameters"] > 0
    page = (project / "out" / "comparison.html").read_text(encoding="utf-8")
    charts = [path.read_text(encoding="utf-8") for path in (project / "out").glob("*.svg")]
    assert page.count("<svg") == len(charts) >= 2
    assert all(chart in page for chart in charts)
    assert "<script" not in page
    assert not (project / "bots" / "tiny" / "versions").exists()


def test_two_bots_of_one_name_would_share_a_folder(project: Path, chatbot: Chatbot) -> None:
    done = chatbot("compare", "tiny", "bots/tiny.toml", "--steps", "1", cwd=project)
    assert (done.returncode, "two bots named tiny" in done.stderr) == (2, True)
