"""One instance for each token on a machine."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold_lock(folder: Path, token: str) -> Iterator[bool]:
    """Yield whether no other process holds the token's lock; it ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = hashlib.blake2b(token.encode(), digest_size=8).hexdigest()
    with (folder / f"telegram-{name}.lock").open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
