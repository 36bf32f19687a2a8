"""The commands of ``chatbot corpus``; a part of ``chatbot.cli``."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli_common import AsJson, Encoding, reading

corpus = typer.Typer(name="corpus", help="Look at logs and bring corpora in.", no_args_is_help=True)

LogPath = Annotated[str, typer.Argument(metavar="PATH", help="A file, folder, pattern, archive, or - for stdin.")]
Format = Annotated[str, typer.Option("--format", help="The log's format, when it is not recognised.")]


@corpus.command("formats")
def corpus_formats() -> None:
    """List the log formats that can be read."""
    from chatbot.corpus.readers import READERS

    for name, reader in READERS.items():
        module = sys.modules[reader.__module__]
        print(f"{name:<16}{(module.__doc__ or '').splitlines()[0].replace('``', '`')}")


@corpus.command("inspect")
def corpus_inspect(path: LogPath, as_json: AsJson = False, format: Format = "", encoding: Encoding = "") -> None:
    """Show what a log or a corpus holds, before anything is trained."""
    from chatbot.corpus.inspect import inspect_path

    with reading(path) as progress:
        found = inspect_path(path, format, encoding, progress)
    if as_json:
        print(json.dumps(found.record(), ensure_ascii=False, indent=2))
        return
    from chatbot.display import show_inspection

    show_inspection(found)


@corpus.command("export")
def corpus_export(
    path: LogPath,
    output: Annotated[Path | None, typer.Option("-o", help="A file instead of stdout.")] = None,
    format: Format = "",
    encoding: Encoding = "",
) -> None:
    """Write a log's dialogues in the canonical layout.

    One JSON object a line, with every word as it stands in the log: nothing is hidden and nothing filtered.
    """
    from chatbot.corpus.canonical import dump_dialogue
    from chatbot.corpus.inspect import open_reader
    from chatbot.corpus.readers import Tally
    from chatbot.files import replacing

    with reading(path) as progress:
        reader, _, parts = open_reader(path, format, encoding, progress)
        tally = Tally()
        lines = (dump_dialogue(dialogue) + "\n" for dialogue in reader.read(parts, tally))
        if output is None:
            sys.stdout.writelines(lines)
        else:
            with replacing(output) as stream:
                stream.writelines(lines)
    if summary := tally.summary():
        print(f"left out: {summary}", file=sys.stderr)


@corpus.command("fetch")
def corpus_fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A folder under corpora/.")],
    source: Annotated[str, typer.Option("--from", help="Take local files from this file or folder.")] = "",
) -> None:
    """Bring a corpus's files in, and check them.

    By download, or from a local path.
    """
    from chatbot.corpus.fetch import fetch
    from chatbot.corpus.manifest import load_corpus
    from chatbot.display import download_bar

    folder = Path(name) if os.sep in name else Path("corpora") / name
    with download_bar() as progress:
        files = fetch(load_corpus(folder), source, progress)
    for file in files:
        print(file)
