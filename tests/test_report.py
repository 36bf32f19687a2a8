"""A bot's report: one page, with everything in it and nothing around it."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from chatbot.charts import bar_chart
from chatbot.conversation.archive import Rated
from chatbot.report import ratings_over_time
from tests.conftest import Chatbot

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def measured(project: Path, chatbot: Chatbot) -> Path:
    """The tiny bot, hardly trained, with pairs held out, and talked to."""
    path = project / "bots" / "tiny.toml"
    tiny = path.read_text(encoding="utf-8").replace("train_on_all = true", "validation_share = 0.4")
    path.write_text(f'{tiny}\n[[probes]]\nquestion = "who are you?"\nexpected = ["a dragon"]\n', encoding="utf-8")
    with (project / "corpora" / "tiny" / "talk.txt").open("a", encoding="utf-8") as stream:
        stream.write("\n<b>吃了吗？</b>\n吃了，你呢？ <script>alert(1)</script>\n\n" + "x" * 3000 + "\ntoo long\n")
    chatbot("train", "tiny", "--steps", "20", cwd=project, check=True)
    return project


def test_everything_is_on_one_page_that_needs_nothing_else(measured: Path, chatbot: Chatbot) -> None:
    chatbot("chat", "tiny", "hello", cwd=measured, check=True)
    done = chatbot("report", "tiny", "-o", "out/report.html", cwd=measured, check=True)
    assert (done.stdout, "out/report.html" in done.stderr) == ("", True)
    page = (measured / "out" / "report.html").read_text(encoding="utf-8")
    for heading in ("Corpora", "What was left out", "Training", "Measures", "Replies", "Versions", "What people think"):
        assert f">{heading}<" in page
    text = unescape(re.sub("<[^>]*>", " ", page))
    for fact in ("long question", "Tiny", "nearest", "word perplexity", "0001", "Replies given: 1; none was rated",
                 "Model card of version 0001", "licence: MIT", "minutes of processor time", "Known weaknesses",
                 "asked “who are you?”"):  # fmt: skip
        assert fact in text
    assert page.count("<svg") >= 3
    assert not re.search(r"<script|<link|<img|src=|href=|@import|url\(", page)
    assert not (measured / "out" / "report.html").stat().st_mode & 0o077


def test_a_version_is_measured_beside_baselines_and_the_one_before(measured: Path, chatbot: Chatbot) -> None:
    chatbot("train", "tiny", "--steps", "40", cwd=measured, check=True)
    first, second = json.loads(chatbot("versions", "tiny", "--json", cwd=measured, check=True).stdout)
    assert second["before"]["held_out"] == first["after"]["held_out"]
    assert "before" not in first
    assert set(second["baselines"]) == {"reference", "random", "nearest"}
    assert (second["after"]["seen"], second["before"]["seen"]) == (0.0, 0.0)
    assert second["spent"]["seconds"] > second["seconds"] > 0
    cards = [measured / "bots" / "tiny" / "versions" / name / "card.md" for name in ("0001", "0002")]
    written, later = (path.read_text(encoding="utf-8") for path in cards)
    assert "| measure | this version | reference | random | nearest |" in written
    assert "| measure | this version | the one before | reference | random | nearest |" in later
    chatbot("report", "tiny", cwd=measured, check=True)
    page = (measured / "report.html").read_text(encoding="utf-8")
    assert page.index("Model card of version 0002") < page.index("Model card of version 0001")


def test_a_bot_away_from_its_corpora_still_has_a_report(measured: Path, chatbot: Chatbot) -> None:
    shutil.rmtree(measured / "corpora")
    chatbot("report", "tiny", cwd=measured, check=True)
    page = (measured / "report.html").read_text(encoding="utf-8")
    assert "They are not here any more" in page
    assert "no held-out pairs" in page
    assert not (measured / "bots" / "tiny" / "conversations.db").exists()


def test_an_untrained_bot_has_none(project: Path, chatbot: Chatbot) -> None:
    done = chatbot("report", "tiny", cwd=project)
    assert (done.returncode, "chatbot train tiny" in done.stderr) == (2, True)
    assert not (project / "report.html").exists()


def test_bars_are_as_high_as_their_values() -> None:
    root = ET.fromstring(bar_chart("a < b", "", "", ["one", "two"], {"good": [2, 0], "bad": [1, 4]}))
    heights = [float(one.get("height") or 0) for one in root.iter(f"{SVG}rect") if one.get("height") != "100%"]
    assert heights[0] == pytest.approx(2 * heights[2], abs=0.2)
    assert heights[3] == pytest.approx(4 * heights[2], abs=0.2)
    assert heights[1] == 0
    assert bar_chart("", "", "", [], {"good": []}) == ""


@pytest.mark.parametrize(("days", "bars"), [(1, 1), (31, 31), (32, 16), (400, 31)])
def test_ratings_of_many_days_are_told_in_few_bars(days: int, bars: int) -> None:
    begun = datetime(2026, 1, 1, 12, tzinfo=UTC)
    ratings = [Rated(begun + timedelta(day), "0001", 1 if day % 3 else -1) for day in range(days)]
    root = ET.fromstring(ratings_over_time(ratings))
    drawn = [one for one in root.iter(f"{SVG}rect") if one.get("height") != "100%"]
    assert len(drawn) == 2 * bars
    assert sum(float(one[0].text or 0) for one in drawn) == days


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there")
def test_the_page_fits_a_phone(measured: Path, chatbot: Chatbot, tmp_path: Path) -> None:
    chatbot("report", "tiny", cwd=measured, check=True)
    shutil.copy(measured / "report.html", tmp_path / "report.html")
    frame = tmp_path / "phone.html"
    frame.write_text(
        '<iframe id=phone src=report.html width=375 height=800 style="border:0"></iframe><p id=said></p><script>'
        "onload = () => { const page = phone.contentDocument.documentElement;"
        'said.textContent = "wide " + page.scrollWidth + ", charts " + page.querySelectorAll("svg").length }</script>',
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    options += [f"--user-data-dir={tmp_path / 'profile'}", "--no-first-run", "--disable-background-networking"]
    done = subprocess.run(
        [str(CHROMIUM), *options, frame.as_uri()], capture_output=True, text=True, check=True, timeout=60
    )
    width, charts = map(int, re.findall(r"wide (\d+), charts (\d+)", done.stdout)[0])
    assert width <= 375
    assert charts >= 3
