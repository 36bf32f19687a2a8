"""Corpora: their files, and how these are brought in."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chatbot.corpus.fetch import fetch
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally
from chatbot.errors import CorpusError, SettingsError
from tests.conftest import ROOT

DATA = b"hi\nhello\n" * 100_000
SHA = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves DATA, with ranges; cuts the connection half-way when the path says so."""

    def do_GET(self) -> None:
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.server.begins.append(begin)  # type: ignore[attr-defined]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(DATA) - begin))
        self.end_headers()
        cut = self.path == "/cut" and not begin
        self.wfile.write(DATA[begin : len(DATA) // 2] if cut else DATA[begin:])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.begins = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def corpus(folder: Path, url: str = "", sha: str = SHA) -> Path:
    (folder / "talk").mkdir()
    text = f'title = "t"\n[[downloads]]\nfile = "talk.txt"\nurl = "{url}"\nsha256 = "{sha}"\n[reader]\nkind = "text"\n'
    (folder / "talk" / "corpus.toml").write_text(text)
    return folder / "talk"


def nothing(name: str, have: int, total: int) -> None:
    pass


def test_a_cut_download_goes_on_where_it_stopped(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    folder = corpus(tmp_path, f"http://127.0.0.1:{server.server_port}/cut")
    with pytest.raises(CorpusError, match="the connection ended at byte"):
        fetch(load_corpus(folder), "", nothing)
    assert fetch(load_corpus(folder), "", nothing)[0].read_bytes() == DATA
    assert server.begins == [0, len(DATA) // 2]  # type: ignore[attr-defined]


def test_what_is_there_already_is_only_checked(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    folder = corpus(tmp_path, f"http://127.0.0.1:{server.server_port}/")
    fetch(load_corpus(folder), "", nothing)
    fetch(load_corpus(folder), "", nothing)
    assert server.begins == [0]  # type: ignore[attr-defined]


def test_another_file_than_described_is_refused(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    folder = corpus(tmp_path, f"http://127.0.0.1:{server.server_port}/", "0" * 64)
    with pytest.raises(CorpusError, match="has the checksum"):
        fetch(load_corpus(folder), "", nothing)
    assert sorted(path.name for path in folder.iterdir()) == ["corpus.toml"]


@pytest.mark.parametrize("name", ["talk.txt", "renamed.txt"])
def test_local_files_are_taken_by_name_or_by_content(tmp_path: Path, name: str) -> None:
    folder = corpus(tmp_path)
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / name).write_bytes(DATA)
    fetch(load_corpus(folder), str(tmp_path / "downloads"), nothing)
    fetch(load_corpus(folder), str(tmp_path / "downloads" / name), nothing)
    assert (folder / "talk.txt").read_bytes() == DATA


def test_an_unreachable_address_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        fetch(load_corpus(corpus(tmp_path, "http://127.0.0.1:9/")), "", nothing)
    assert "chatbot corpus fetch talk --from PATH" in caught.value.hint


def test_a_download_stays_in_its_folder(tmp_path: Path) -> None:
    folder = corpus(tmp_path)
    path = folder / "corpus.toml"
    path.write_text(path.read_text().replace("talk.txt", "../talk.txt"))
    with pytest.raises(SettingsError, match="inside the corpus's folder"):
        load_corpus(folder)


def test_an_unfetched_corpus_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        list(load_corpus(corpus(tmp_path)).pairs(Tally()))
    assert caught.value.hint == "chatbot corpus fetch talk"


def test_every_corpus_that_ships_is_described() -> None:
    for path in sorted((ROOT / "corpora").glob("*/corpus.toml")):
        manifest = load_corpus(path.parent).manifest
        assert manifest.title and manifest.licence and manifest.source, path
