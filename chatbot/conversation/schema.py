"""The store's schema: made, checked and brought up to date. The only importer of alembic, and only when needed."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from chatbot.conversation.engine import BUSY_SECONDS, open_engine, store_error
from chatbot.errors import StoreError

HEAD = "0003"
"""The newest revision; a test compares it with alembic's own word. Knowing it spares each start alembic's import."""

_PACKAGE = Path(__file__).resolve().parent.parent
_LOCK = 0x63686174
"""The advisory lock that migrations queue for on PostgreSQL: four processes on a new database, three died without."""


def bring_up_to_date(url: URL) -> None:
    """Create the store's tables, or migrate them; a SQLite store of an older revision is copied beside itself before.

    Several processes may do this at once: they queue for the write lock, and all but the first find it done.

    Raises:
        StoreError: the store is of a newer program, of another one, damaged, or cannot be written.
    """
    engine = open_engine(url, migrating=True)
    try:
        if _revision_if_there(engine) != HEAD:
            _migrate(engine, url)
            if engine.dialect.name == "sqlite":
                _use_wal(engine)
    except DatabaseError as error:
        raise store_error(url, error) from None
    finally:
        engine.dispose()


def _revision_if_there(engine: Engine) -> str | None:
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        tables = inspect(connection).get_table_names()
        return _revision(connection) if "alembic_version" in tables else None


def _revision(connection: Connection) -> str | None:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine, url: URL) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = _revision_if_there(engine)
    if found is not None and found not in known:
        place = url.database
        raise StoreError(f"{place}: is of a newer version of chatbot (revision {found})", "pip install -U chatbot")
    sqlite = engine.dialect.name == "sqlite"
    if found is not None and sqlite:
        _copy(engine, url, found)
    with engine.begin() as connection:
        if not sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        tables = set(inspect(connection).get_table_names())
        if tables and "alembic_version" not in tables:
            raise StoreError(f"{url.database}: is another program's database", "name another store")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
            raise StoreError(
                f"{url.database}: {len(broken)} rows refer to rows that are not there", "the store was not changed"
            )


def _use_wal(engine: Engine) -> None:
    """Turn the WAL on, once and for all; SQLite does not wait its turn for this, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            _outside_transactions(engine, "PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise OperationalError("PRAGMA journal_mode=WAL", None, error) from None
            time.sleep(0.05)


def _copy(engine: Engine, url: URL, revision: str) -> None:
    """Copy the store to ``<store>.<revision>`` by VACUUM INTO, which takes what is still in the WAL along."""
    target = Path(f"{url.database}.{revision}")
    if not target.exists():
        target.touch(0o600)
        _outside_transactions(engine, "VACUUM INTO ?", str(target))


def _outside_transactions(engine: Engine, statement: str, *parameters: str) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(statement, parameters)
    finally:
        connection.close()


def _scripts() -> Path:
    """Return the checkout's migrations when there are some, else those that the wheel holds."""
    checkout = _PACKAGE.parent / "alembic"
    return checkout if (checkout / "env.py").is_file() else _PACKAGE / "alembic"
