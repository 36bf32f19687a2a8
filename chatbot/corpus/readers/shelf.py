"""A place for what a log refers to before or after it says it: a table that grows on disk, not in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager


@contextmanager
def open_shelf(table: str) -> Iterator[sqlite3.Connection]:
    """Open a database without a name that has the one table, and forget it at the end.

    SQLite keeps such a database in memory while it is small, and then in a file that nobody else sees.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as shelf:
        # What is never kept needs no journal; 64 MB of pages hold most data sets whole.
        shelf.execute("PRAGMA journal_mode = OFF")
        shelf.execute("PRAGMA cache_size = -65536")
        shelf.execute(f"CREATE TABLE {table}")
        shelf.execute("BEGIN")
        yield shelf
