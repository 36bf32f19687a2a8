"""Bringing a corpus's files into its folder: by download, resumed and checked, or from a local path."""

import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from chatbot.corpus.manifest import Corpus, Download
from chatbot.errors import CorpusError

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes there are, and the bytes there will be (0: unknown)."""
_BLOCK = 2**18
_TIMEOUT = 30


def fetch(corpus: Corpus, source: str, progress: Progress) -> list[Path]:
    """Return the files of the corpus, brought into its folder; those that are there already are only checked.

    ``source`` is a local file, or a folder with the files, to take them from; empty: they are downloaded.

    Raises:
        CorpusError: a file cannot be had or has another checksum than the corpus file says.
    """
    if not corpus.manifest.downloads:
        raise CorpusError(f"{corpus.name}: has nothing to fetch", "its files are in its folder already")
    return [_fetch_one(corpus, download, source, progress) for download in corpus.manifest.downloads]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fetch_one(corpus: Corpus, download: Download, source: str, progress: Progress) -> Path:
    target = corpus.folder / download.file
    if target.is_file() and sha256(target) == download.sha256:
        return target
    partial = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source:
            _copy(Path(source).expanduser(), download, partial)
        else:
            _download(corpus.name, download, partial, progress)
    except OSError as error:
        raise CorpusError(f"{target}: cannot be written: {error.strerror or error}") from None
    found = sha256(partial)
    if found != download.sha256:
        partial.unlink()
        raise CorpusError(
            f"{source or download.url}: {download.file} has the checksum {found[:9]}..., not {download.sha256[:9]}...",
            f"it is another version; to use it all the same, change sha256 in {corpus.folder}/corpus.toml",
        )
    partial.replace(target)
    return target


def _copy(source: Path, download: Download, partial: Path) -> None:
    """Copy the file itself or, of a folder, the one of that name, or else the one of that content."""
    name = Path(download.file).name
    inside = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
    named = [path for path in (source / download.file, source / name) if path.is_file()]
    found = next((path for path in [*named, *inside] if path.is_file() and sha256(path) == download.sha256), None)
    found = found or next(iter(named or ([source] if source.is_file() else [])), None)
    if found is None:
        raise CorpusError(f"{source}: holds no {name}", "name the file, or the folder it is in")
    shutil.copyfile(found, partial)


def _download(name: str, download: Download, partial: Path, progress: Progress) -> None:
    if not download.url:
        raise CorpusError(f"{download.file}: has no address", f"chatbot corpus fetch {name} --from PATH")
    have = partial.stat().st_size if partial.is_file() else 0
    request = urllib.request.Request(download.url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the manifest allows http and https
            resumed = have > 0 and answer.status == 206
            _receive(answer, partial, have if resumed else 0, download.file, progress)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: there is nothing beyond what we have; the checksum decides
            raise _unreachable(name, download, f"{error.code} {error.reason}") from None
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError, ValueError) as error:
        raise _unreachable(name, download, str(getattr(error, "reason", error))) from None


def _receive(answer: object, partial: Path, have: int, name: str, progress: Progress) -> None:
    left = answer.headers.get("Content-Length")  # type: ignore[attr-defined]
    total = have + int(left) if left else 0
    with partial.open("ab" if have else "wb") as stream:
        while block := answer.read(_BLOCK):  # type: ignore[attr-defined]
            stream.write(block)
            have += len(block)
            progress(name, have, total)
    if have < total:  # the library takes a connection cut in the middle for the end
        raise ConnectionError(f"the connection ended at byte {have:,} of {total:,}")


def _unreachable(name: str, download: Download, reason: str) -> CorpusError:
    return CorpusError(
        f"{download.url}: cannot be downloaded: {reason}",
        f"call it again to go on where it stopped, or: chatbot corpus fetch {name} --from PATH",
    )
