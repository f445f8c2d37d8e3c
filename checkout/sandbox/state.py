"""The state file: every effect together with its idempotency record in one durable transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHAPE = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, status TEXT, reference TEXT, due INTEGER, body BLOB NOT NULL, UNIQUE (id, account)
);
CREATE INDEX IF NOT EXISTS object_of_account ON object (account, kind, seq);
CREATE INDEX IF NOT EXISTS object_due ON object (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, endpoint TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    held INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL,
    next_at REAL NOT NULL, place INTEGER NOT NULL DEFAULT 0, answer TEXT,
    lost INTEGER NOT NULL DEFAULT 0, signature TEXT NOT NULL DEFAULT 'good'
);
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (next_at) WHERE state = 'pending';
CREATE VIEW IF NOT EXISTS waiting AS SELECT * FROM delivery WHERE state = 'pending' AND NOT held;
CREATE INDEX IF NOT EXISTS delivery_of_event ON delivery (event);
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, time REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, account TEXT, idempotency_key TEXT, replayed INTEGER NOT NULL, status INTEGER NOT NULL,
    params TEXT NOT NULL
);
"""


class State:
    """One SQLite file, written by one process on one thread.

    `transaction` survives power loss (synchronous=FULL). `journal` is for what may be lost with the power but not
    with the process: the request log and the results of deliveries, which are repeated if forgotten.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._ledger = _open(path, "FULL")
        _shape(self._ledger)
        self._journal = _open(path, "NORMAL")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk before the block ends."""
        with _whole(self._ledger) as db:
            yield db

    @contextmanager
    def journal(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk soon."""
        with _whole(self._journal) as db:
            yield db

    def read(self) -> sqlite3.Connection:
        """For questions that change nothing."""
        return self._journal

    def remembered(self, name: str) -> str | None:
        """A small setting that outlives the process."""
        row = self.read().execute("SELECT value FROM remembered WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def remember(self, name: str, value: str) -> None:
        """Keep a small setting."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO remembered VALUES (?, ?)", (name, value))

    def copy(self) -> sqlite3.Connection:
        """Everything as it is, in memory."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._ledger.backup(kept)
        return kept

    def become(self, kept: sqlite3.Connection) -> None:
        """Everything as it was."""
        kept.backup(self._ledger)

    def close(self) -> None:
        """Let go of the file."""
        self._ledger.close()
        self._journal.close()


def _shape(db: sqlite3.Connection) -> None:
    """Make the tables. A file of another shape is emptied: what it holds is play money."""
    if db.execute("PRAGMA user_version").fetchone()[0] != SHAPE:
        kept = db.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table')").fetchall()
        for row in sorted(kept, key=lambda row: row["type"], reverse=True):
            if not row["name"].startswith("sqlite_"):
                db.execute(f"DROP {row['type']} {row['name']}")
    db.executescript(SCHEMA)
    db.execute(f"PRAGMA user_version = {SHAPE}")


def _open(path: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    return connection


@contextmanager
def _whole(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
