"""A corpus: the folder ``corpora/<name>`` with its ``corpus.toml``, and the logs that this describes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import Field, field_validator

from chatbot.corpus.filters import FilterSettings
from chatbot.corpus.gathering import gather
from chatbot.corpus.log import Part, open_log
from chatbot.corpus.pair_file import PairFile
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings
from chatbot.corpus.readers import AnyReader, Tally, own_parts
from chatbot.corpus.streams import Progress
from chatbot.errors import CorpusError
from chatbot.settings import Settings, load_settings

MANIFEST = "corpus.toml"


class Download(Settings):
    """One file to fetch: ``[[downloads]]``."""

    file: str
    """Its name in the corpus's folder."""
    url: str = Field("", pattern="^(https?://.*)?$")
    """Where it is to be had, by http or https; empty: people must bring it (``fetch --from``)."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Its checksum, in hexadecimal."""

    @field_validator("file")
    @classmethod
    def _stays_inside(cls, name: str) -> str:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not name:
            raise ValueError("must be a name inside the corpus's folder")
        return name


class Manifest(Settings):
    """What ``corpora/<name>/corpus.toml`` says."""

    title: str
    """Its name, for people."""
    language: str = ""
    """en, zh, ..., for people."""
    source: str = ""
    """Where it is from, for people."""
    licence: str = ""
    """On which terms it may be used."""
    files: tuple[str, ...] = ("*",)
    """Patterns of the logs to read, in the folder or, when absolute, anywhere."""
    encoding: str = ""
    """Of the logs, when it is guessed wrongly."""
    downloads: tuple[Download, ...] = ()
    """Files to fetch."""
    reader: AnyReader
    """The logs' format."""
    pairing: PairingSettings = PairingSettings()
    """How dialogues become pairs."""
    privacy: PrivacySettings = PrivacySettings()
    """What is hidden before anything is trained."""
    filters: FilterSettings = FilterSettings()
    """Which pairs are left out."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus that can be read."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    def parts(self, progress: Progress | None = None) -> list[Part]:
        """Return the logs' parts.

        Raises:
            CorpusError: there are none yet.
        """
        paths = sorted({str(path) for pattern in self.manifest.files for path in _matches(self.folder, pattern)})
        if not paths:
            raise CorpusError(
                f"{self.folder}: has no files {', '.join(self.manifest.files)}", f"chatbot corpus fetch {self.name}"
            )
        parts = [part for path in paths for part in open_log(path, self.manifest.encoding, progress)]
        return own_parts(self.manifest.reader, parts)

    def pairs(self, tally: Tally) -> PairFile:
        """Return the pairs that are worth learning from."""
        return self._gather(tally, self.manifest.filters)

    def all_pairs(self, tally: Tally) -> PairFile:
        """Return the pairs, unfiltered."""
        return self._gather(tally, None)

    def _gather(self, tally: Tally, filters: FilterSettings | None) -> PairFile:
        dialogues = self.manifest.reader.read(self.parts(), tally)
        return gather(dialogues, self.manifest.pairing, self.manifest.privacy, tally, filters)


def load_corpus(folder: Path) -> Corpus:
    """Return the corpus in ``folder``.

    Raises:
        CorpusError: there is no such corpus.
        SettingsError: its ``corpus.toml`` is wrong.
    """
    if not (folder / MANIFEST).is_file():
        known = sorted(path.parent.name for path in folder.parent.glob(f"*/{MANIFEST}"))
        raise CorpusError(f"{folder}: there is no {MANIFEST}", f"corpora there: {', '.join(known)}" if known else "")
    return Corpus(folder, load_settings(folder / MANIFEST, Manifest))


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    if Path(pattern).is_absolute():
        yield Path(pattern)
        return
    yield from (path for path in folder.glob(pattern) if path.is_file() and path.name not in {MANIFEST, "README.md"})
