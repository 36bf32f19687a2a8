"""A real PostgreSQL server, where the machine has one."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest


def server_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs: on the PATH, or where Debian puts them."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb", path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, debian)]))
    return Path(found).resolve().parent if found else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server on loopback, without a database at its end; gone after the tests."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    programs = server_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL server here: apt install postgresql")
    # The server refuses to be root's: then it is Debian's own user's. Its folder must be one that this user can reach.
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="chatbot-postgresql-"))
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    make = [str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(make, user=user, cwd=folder, check=True, capture_output=True)
    settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off", "max_connections=50"]
    options = [part for setting in settings for part in ("-c", setting)]
    running = subprocess.Popen(
        [str(programs / "postgres"), "-D", data, "-p", str(port), *options],
        user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"postgresql://tests@127.0.0.1:{port}/"
    finally:
        running.terminate()
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"postgresql://tests@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture
def database(postgresql: str) -> str:
    """The URL of a new and empty PostgreSQL database."""
    import psycopg

    name = f"store_{uuid4().hex}"
    with psycopg.connect(f"{postgresql}postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return postgresql + name
