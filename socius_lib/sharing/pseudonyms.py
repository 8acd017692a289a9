"""Random tokens for persons and organisations, per recipient, and the vault that knows them.

A token says nothing of whom it stands for: it is drawn, never worked out, so who holds the data and
guesses an identity cannot check the guess. The vault stays with the office and can be deleted, after
which nobody can tell who a token was.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pandas as pd

from socius_lib.errors import SociusError

_TABLE = """
create table if not exists tokens (
    recipient text not null, kind text not null, key text not null, token text not null unique,
    primary key (recipient, kind, key)
) strict
"""


@contextmanager
def _opened(vault: Path) -> Iterator[sqlite3.Connection]:
    """Open the vault for one change that happens whole or not at all; only its owner can read it."""
    vault.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not vault.exists():
        # Never opened itself: closing it would let go of a lock that another thread has on it.
        handle, empty = tempfile.mkstemp(dir=vault.parent)
        os.close(handle)
        with suppress(FileExistsError):
            os.link(empty, vault)
        Path(empty).unlink()
    if stat.S_IMODE(vault.stat().st_mode) & 0o077:
        raise SociusError(
            f"De kluis met pseudoniemen (`{vault.name}`) is leesbaar voor anderen. "
            "Geef alleen jezelf toegang (chmod 600) en kijk na wie ze kon lezen."
        )
    try:
        with closing(sqlite3.connect(vault, timeout=60, isolation_level=None)) as opened:
            opened.execute("pragma secure_delete = on")  # what is deleted is overwritten
            opened.execute("begin immediate")  # before it is read: two would give two tokens
            opened.execute(_TABLE)
            with opened:
                yield opened
    except sqlite3.DatabaseError:
        raise SociusError(
            f"De kluis met pseudoniemen (`{vault.name}`) is niet te lezen. Zet een reservekopie terug; "
            "met een nieuwe kluis krijgt iedereen andere pseudoniemen."
        ) from None


def give_tokens(vault: Path, recipient: str, kind: str, keys: pd.Series) -> pd.Series:
    """Return the token of each key for this recipient; a missing key stays missing.

    Who had one in an earlier release to the same recipient has the same; another recipient gets
    another. Tokens are random: sort what leaves by them, or its order tells the former one.

    Parameters
    ----------
    kind : what the keys are of, such as "persoon" or "organisatie"; its first letter begins the token.
    """
    wanted = sorted({str(key) for key in keys.dropna()})
    with _opened(vault) as opened:
        known = dict(
            opened.execute(
                "select key, token from tokens where recipient = ? and kind = ?", (recipient, kind)
            )
        )
        new = {key: f"{kind[:1]}{secrets.token_hex(8)}" for key in wanted if key not in known}
        rows = [(recipient, kind, key, token) for key, token in new.items()]
        opened.executemany("insert into tokens values (?, ?, ?, ?)", rows)
    tokens = {**known, **new}
    given = [None if pd.isna(key) else tokens[str(key)] for key in keys]
    return pd.Series(given, index=keys.index, name=keys.name, dtype="str")


def forget_recipient(vault: Path, recipient: str) -> int:
    """Delete all tokens of a recipient; return how many there were."""
    with _opened(vault) as opened:
        return opened.execute("delete from tokens where recipient = ?", (recipient,)).rowcount


def forget_keys(vault: Path, kind: str, keys: Iterable[str]) -> int:
    """Delete the tokens of these keys for every recipient; return how many there were."""
    with _opened(vault) as opened:
        pairs = [(kind, key) for key in keys]
        return opened.executemany("delete from tokens where kind = ? and key = ?", pairs).rowcount
