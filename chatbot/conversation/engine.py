"""Connections to a store's database: SQLite, or PostgreSQL by URL; and what their errors mean to a person."""

import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, pool
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from chatbot.errors import StoreError

BUSY_SECONDS = 30
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def store_url(where: Path | str) -> URL:
    """Return the URL of a store: of a SQLite file by its path, or of a PostgreSQL database by its URL.

    ``sqlite://`` is a new database in memory.

    Raises:
        StoreError: the URL is none, or of another database.
    """
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError:
        # The URL may hold a password, so it is not quoted.
        raise StoreError("the store's URL cannot be read", "write postgresql://USER@HOST/DATABASE") from None
    if url == make_url("sqlite://"):
        # Shared, so that the connection that migrates and those that talk see one database.
        return make_url(f"sqlite:///file:chatbot-{uuid4().hex}?mode=memory&cache=shared&uri=true")
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"a store cannot be in {url.get_backend_name()}", "take SQLite or PostgreSQL")
    return url


def open_engine(url: URL, migrating: bool = False) -> Engine:
    """Return an engine whose writing transactions queue for their turn, and whose errors quote no parameters.

    A migration gets an engine without foreign keys: with them on, rebuilding a parent table would empty its children.
    """
    one = pool.NullPool if migrating else pool.SingletonThreadPool if "mode=memory" in str(url) else None
    kept: dict[str, Any] = {"poolclass": one}
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, hide_parameters=True, **kept)
        # The pool hands a connection from thread to thread, and one thread closes those of all.
        settings = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, hide_parameters=True, connect_args=settings, **kept)
    except (ImportError, NoSuchModuleError):
        raise StoreError("PostgreSQL needs another package", "pip install 'chatbot[postgresql]'") from None
    pragmas = [] if migrating else ["foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"]

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing fails at once when another one wrote meanwhile: 695 of 1,200
        # did with four writers; with BEGIN IMMEDIATE none.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def store_error(url: URL, error: DatabaseError | sqlite3.Error) -> StoreError:
    """Return what a database's error means to a person; it never quotes parameters, which hold people's words."""
    place = url.database if url.get_backend_name() == "sqlite" else url.set(password=None).render_as_string()
    reason = str(error.orig if isinstance(error, DatabaseError) else error).strip().split("\n")[0]
    hints = {
        "readonly": "make the file and its folder writable",
        "locked": "another program holds it; close that and try again",
        "full": "free some space; everything stored so far is safe",
        "not a database": "move the file away to begin a new store",
        "malformed": "move the file away to begin a new store, or repair it with sqlite3's .recover",
        "unable to open": "check that the folder exists and is writable",
        "connection": "check that the server runs, and the URL",
    }
    hint = next((hint for word, hint in hints.items() if word in reason), "")
    return StoreError(f"{place}: the conversation store cannot be used: {reason}", hint)
