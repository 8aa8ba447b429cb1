"""Copies of the SQLite database that can be trusted, and putting one back.

A copy is made by VACUUM INTO: it is one moment's state while others write, and leaves out text
that was erased. It counts only once it was checked and is on the disk under its own name. Copies
of PostgreSQL are in `dumps.py`.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .soundness import unknown_migrations

NAME = re.compile(r"backup-\d{8}-\d{6}\.(sqlite3|dump)")
BESIDE = ("", "-wal", "-shm")
"""A database, its log, and the index of its log."""
STALE = 24 * 60 * 60
"""Seconds after which an unfinished copy is one that was killed."""


class BackupRefused(Exception):
    """Why no copy was made or put back; `str()` is for the operator. Nothing was changed."""


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    """Bytes."""
    seconds: float
    dropped: list[Path]
    """Older copies that went."""


def now_stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def write_copy(folder: Path, kind: str, keep: int, write: Callable[[Path], None]) -> Made:
    """A new copy in `folder`, written by `write` to an empty file that only its owner may read.

    It gets its name when it is whole and on the disk; then all but the newest `keep` copies of
    its kind go (0 keeps all). Raises BackupRefused where a copy of this second is there already.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".backup-*.partial"):
        if time.time() - left.stat().st_mtime > STALE:
            left.unlink(missing_ok=True)
    final = folder / f"backup-{now_stamp()}.{kind}"
    partial = folder / f".{final.name}.partial"
    if final.exists():
        raise BackupRefused(f"{final} is there already; nothing is overwritten. Try again.")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise BackupRefused(f"Another backup is being written to {partial}.") from None
    try:
        write(partial)
        sync(partial)
        partial.rename(final)
        sync(folder)
    finally:
        partial.unlink(missing_ok=True)
    seconds = time.monotonic() - began
    dropped = _drop_all_but(folder, kind, keep)
    return Made(final, final.stat().st_size, seconds, dropped)


def back_up(source: Path, folder: Path, *, keep: int) -> Made:
    """Copy the SQLite database `source` into `folder`, checked; see `write_copy`."""
    if not source.exists():
        raise BackupRefused(f"There is no database {source}.")

    def write(partial: Path) -> None:
        with closing(sqlite3.connect(source, timeout=60, isolation_level=None)) as opened:
            opened.execute("VACUUM INTO ?", [str(partial)])
        check_copy(partial)

    try:
        return write_copy(folder, "sqlite3", keep, write)
    except sqlite3.Error as error:
        raise BackupRefused(f"The copy could not be made: {error}.") from error


def check_readable(file: Path) -> None:
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    if not os.access(file, os.R_OK):
        raise BackupRefused(f"{file} may not be read by this user.")


def check_copy(file: Path) -> set[tuple[str, str]]:
    """The migrations that a copy has had. Raises BackupRefused where it is not whole and sound."""
    check_readable(file)
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            said = [row[0] for row in opened.execute("PRAGMA integrity_check(5)")]
            if said != ["ok"]:
                raise BackupRefused(f"{file} is damaged: {said[0].splitlines()[-1]}")
            loose = opened.execute("PRAGMA foreign_key_check").fetchone()
            if loose:
                raise BackupRefused(f"{file} is damaged: a row of {loose[0]} points at nothing.")
            return set(opened.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise BackupRefused(
            f"{file} is not a whole copy of this site's database: {error}."
        ) from None


def check_fits(file: Path, migrations: set[tuple[str, str]]) -> None:
    """Raises BackupRefused for a copy that was made by a newer version."""
    newer = unknown_migrations(migrations)
    if newer:
        raise BackupRefused(
            f"{file} was made by a newer version of this program (it has had {newer[0]}, which is"
            " not known here). Install that version first."
        )


@dataclass(frozen=True)
class PutBack:
    aside: Path | None
    """Where the database that was there before is kept."""
    seconds: float


def put_back(
    file: Path, database: Path, *, prepare: Callable[[Path], None], forced: bool = False
) -> PutBack:
    """Make the copy `file` the database, after `prepare` (the migrations) has worked on it.

    Everything is done to a second copy beside the database; two renames change places at the end,
    and what was there before is kept under another name. Raises BackupRefused, and changes
    nothing, for a copy that does not fit and while a server uses the database (unless `forced`).
    """
    began = time.monotonic()
    check_fits(file, check_copy(file))
    database.parent.mkdir(parents=True, exist_ok=True)
    coming = database.with_name(f"{database.name}.restoring")
    with nobody_else(database, forced=forced):
        _remove(coming)
        try:
            shutil.copyfile(file, coming)
            coming.chmod(0o600)
            _own_as_folder(coming)  # before others are made beside it
            prepare(coming)
            with closing(sqlite3.connect(coming, isolation_level=None)) as opened:
                opened.execute("PRAGMA journal_mode=WAL")
            check_copy(coming)
            sync(coming)
            aside = _move_aside(database)
            coming.rename(database)
            sync(database.parent)
        finally:
            _remove(coming)
    return PutBack(aside, time.monotonic() - began)


def _move_aside(database: Path) -> Path | None:
    if not any(database.with_name(database.name + suffix).exists() for suffix in BESIDE):
        return None
    kept = database.with_name(f"{database.stem}-before-{now_stamp()}.sqlite3")
    number = 1
    while kept.exists():
        number += 1
        kept = database.with_name(f"{database.stem}-before-{now_stamp()}-{number}.sqlite3")
    for suffix in reversed(BESIDE):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def _own_as_folder(path: Path) -> None:
    """Run by root, give a new file to whom its folder belongs to: the server runs as that user."""
    if os.name == "posix" and os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def _remove(database: Path) -> None:
    for suffix in BESIDE:
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _drop_all_but(folder: Path, kind: str, keep: int) -> list[Path]:
    own = sorted(
        path
        for path in folder.glob(f"backup-*.{kind}")
        if NAME.fullmatch(path.name) and path.is_file()
    )
    dropped = own[:-keep] if keep > 0 else []
    for path in dropped:
        path.unlink()
    return dropped


def gather_erased(into: Path, *others: Path) -> None:
    """Add to a list of erased accounts (guided.erased) what stands in others; none loses a line."""
    lines = [
        line
        for file in (into, *others)
        if file.is_file()
        for line in file.read_text(encoding="ascii", errors="replace").splitlines()
    ]
    if not lines:
        return
    partial = into.with_name(f".{into.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.writelines(f"{line}\n" for line in dict.fromkeys(lines))
    sync(partial)
    partial.replace(into)
    _own_as_folder(into)
    sync(into.parent)


def sync(path: Path) -> None:
    """Have the file's content, or the folder's names, on the disk before going on."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- Who uses the database ----------------------------------------------------------------------


def say_i_serve(database: Path) -> int | None:
    """Hold, as long as this process lives, the sign that a server uses the database.

    The kernel takes the sign down with the process, however it ends. Waits while a copy is being
    put back. Returns the open file; None on Windows, where a database in use cannot be renamed.
    """
    try:
        import fcntl
    except ImportError:
        return None
    database.parent.mkdir(parents=True, exist_ok=True)
    handle = _open_sign(database)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


@contextmanager
def nobody_else(database: Path, *, forced: bool = False) -> Iterator[None]:
    """Keep servers from starting meanwhile. Raises BackupRefused where one runs (unless forced)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = _open_sign(database)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not forced:
                raise BackupRefused(
                    "The site is running. Stop it first: what it saves while another database is"
                    " put in its place would be lost."
                ) from None
        if not forced and _is_open_elsewhere(database):
            raise BackupRefused(
                f"Another process has {database} open. Stop the site and every command first."
            )
        yield
    finally:
        os.close(handle)


def _open_sign(database: Path) -> int:
    sign = database.with_name(f"{database.name}.serving")
    handle = os.open(sign, os.O_RDWR | os.O_CREAT, 0o600)
    _own_as_folder(sign)
    return handle


def _is_open_elsewhere(database: Path) -> bool:
    """Whether another process holds a connection: in WAL mode each one keeps the file locked."""
    if not database.exists():
        return False
    with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as opened:
        try:
            opened.execute("PRAGMA locking_mode=EXCLUSIVE")
            opened.execute("BEGIN EXCLUSIVE")
            opened.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        except sqlite3.DatabaseError:
            return False  # damaged: this is why a copy is put back
    return False


def empty_log(database: Path, *, patience: float = 2.0) -> bool:
    """Write what the log still holds into the file and cut the log to nothing; whether it was.

    What was erased stays readable in the log until then. Readers of an older state hold it up;
    `patience` is in seconds.
    """
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        closing(sqlite3.connect(database, timeout=patience, isolation_level=None)) as opened,
    ):
        opened.execute("PRAGMA secure_delete=ON")
        busy, _frames, _moved = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    return False
