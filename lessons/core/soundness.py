"""Is the place where work is kept sound? What is wrong, in plain words, and what to do about it.

Asked by `manage.py check_storage`, by the demo before it serves, by the server as it starts and,
for the cheap part, by /healthz. The functions that judge take plain values and are tested alone.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

MEGABYTE = 1024 * 1024
LOW_DISK = 500 * MEGABYTE
"""Bytes left under which an operator is warned: a backup and an update need room."""
FULL_DISK = 20 * MEGABYTE
"""Bytes left under which the site says of itself that it fails: the next save may be refused."""

NETWORK = frozenset(
    (
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "gfs2",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
    )
)
"""Kinds of file systems that are not this machine's own: locks there hold for one machine only,
and the memory that SQLite's log is shared through does not work at all."""

HEADER = b"SQLite format 3\x00"
RESTORE = (
    "Stop the server. Keep {path} and what lies beside it under the same name (-wal, -shm) as they"
    " are: copy them elsewhere. Then put the last backup in place: manage.py restore --replace"
    " FILE."
)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `fatal`: the site cannot keep work as it is."""

    what: str
    do: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.what}\n  What to do: {self.do}"


def examine(*, folder: Path, backups: Path | None = None, whole: bool = False) -> list[Finding]:
    """What is wrong with the default database and the disk under `folder`.

    `whole` reads every page of the file (seconds for a gigabyte); without it the cost does not
    depend on the size. The newest copy in `backups` is compared with the database.
    """
    if not folder.is_dir():
        return [
            Finding(
                f"There is no folder {folder}.",
                "Make it and give it to the user that the server runs as (chown), or correct"
                " DATA_DIR.",
            )
        ]
    found: list[Finding] = []
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        found += file_findings(path, whole=whole)
        found += place_findings(path.parent, mounts=_mounts())
        if not any(finding.fatal for finding in found):
            found += _settings_findings()
            if backups is not None:
                found += older_than_backup(path, backups)
    else:
        found += server_findings()
    if not any(finding.fatal for finding in found):
        found += migration_findings()
    return found + disk_findings(folder, shutil.disk_usage(folder).free)


# --- The file -----------------------------------------------------------------------------------


def file_findings(path: Path, *, whole: bool) -> list[Finding]:
    """What is wrong with a SQLite file as it lies there; nothing where there is none yet."""
    log, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    restore = RESTORE.format(path=path)
    if not path.exists():
        if log.exists() and log.stat().st_size:
            return [
                Finding(
                    f"The database {path} is gone, and its log {log.name} is still there.",
                    f"Put the database back beside its log if you moved it. If not: {restore}",
                )
            ]
        return []
    if not path.is_file():
        return [Finding(f"{path} is not a file.", "DATA_DIR must name the folder of the database.")]
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        return [
            Finding(
                f"The database {path} cannot be read: {error.strerror}.",
                "Give it to the user that the server runs as (chown), with what lies beside it.",
            )
        ]
    if header and not header.startswith(HEADER):
        return [
            Finding(f"{path} is not a database of SQLite, or its beginning is damaged.", restore)
        ]
    lost = (
        [
            Finding(
                f"The log {log.name} was lost: {shared.name} beside it tells that the database was"
                " in use. What was saved last may be missing.",
                f"If you moved {log.name}, stop the server and put it back before it is started"
                f" again. If it is gone, look whether the newest work is there; if not: {restore}",
                fatal=False,
            )
        ]
        if shared.exists() and not log.exists()
        else []
    )
    return lost + _inside(path, header, restore, whole=whole)


def _inside(path: Path, header: bytes, restore: str, *, whole: bool) -> list[Finding]:
    try:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as opened:
            tables = opened.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
            said = [row[0] for row in opened.execute("PRAGMA integrity_check(5)")] if whole else []
            version = opened.execute("PRAGMA user_version").fetchone()[0]
            opened.execute("BEGIN IMMEDIATE")
            # A database that may only be read begins gladly, and refuses at the first write.
            opened.execute(f"PRAGMA user_version = {version:d}")
            opened.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        return [_said_by_sqlite(path, header, str(error), restore)]
    if not tables:
        return [
            Finding(
                f"The database {path} holds no table.",
                "If this is a new site, run manage.py migrate. If it held work before, its log"
                f" (-wal) was lost, or another file was put in its place. {restore}",
            )
        ]
    if said not in ([], ["ok"]):
        return [Finding(f"The database {path} is damaged: {said[0].splitlines()[-1]}", restore)]
    return []


def _said_by_sqlite(path: Path, header: bytes, error: str, restore: str) -> Finding:
    short = _missing_bytes(path, header)
    if "malformed" in error and short:
        return Finding(
            f"The database {path} is cut short: {short:,} bytes of it are missing.", restore
        )
    if "locked" in error:
        return Finding(
            f"The database {path} has been locked by another process for ten seconds.",
            "Wait, or look for a command that hangs (a copy, an upgrade) and end it.",
        )
    if "readonly" in error or "unable to open" in error:
        return Finding(
            f"The database {path} cannot be written.",
            "The user that the server runs as must own the file and its folder, and the disk must"
            " not be mounted read-only.",
        )
    if "full" in error:
        return Finding(f"No room is left for {path}.", "Make room on its disk.")
    return Finding(f"The database {path} is damaged: {error}.", restore)


def _missing_bytes(path: Path, header: bytes) -> int:
    """How much shorter the file is than its header says (format: sqlite.org/fileformat2)."""
    if len(header) < 32:
        return 100 - len(header)
    size = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    return max(0, pages * (65536 if size == 1 else size) - path.stat().st_size)


def _settings_findings() -> Iterator[Finding]:
    """Pragmas and the transaction mode as they are in force on the open connection."""
    from .checks import connection_messages

    for message in connection_messages(connection):
        yield Finding(message.msg, message.hint or "")


def older_than_backup(path: Path, backups: Path) -> list[Finding]:
    """A database that has given out fewer row numbers than its newest copy lost what came between.

    SQLite counts them in sqlite_sequence and never counts back, whatever is deleted.
    """
    copies = sorted(backups.glob("backup-*.sqlite3"))
    if not copies or not path.exists():
        return []
    newest = copies[-1]
    try:
        here, there = _sequences(path), _sequences(newest)
    except sqlite3.DatabaseError as error:
        return [
            Finding(
                f"The backup {newest} cannot be read: {error}.",
                "Make another at once: manage.py backup.",
                fatal=False,
            )
        ]
    behind = sorted(table for table, last in there.items() if here.get(table, 0) < last)
    if not behind:
        return []
    return [
        Finding(
            f"The database is older than its backup {newest.name} (in {', '.join(behind[:3])}):"
            " its log was lost, or an older file was put in its place.",
            "If you restored an older copy on purpose, move the newer backups to another folder."
            f" If not: {RESTORE.format(path=path)}",
            fatal=False,
        )
    ]


def _sequences(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        if not opened.execute(
            "SELECT 1 FROM sqlite_master WHERE name='sqlite_sequence'"
        ).fetchone():
            return {}
        return dict(opened.execute("SELECT name, seq FROM sqlite_sequence"))


# --- The place ----------------------------------------------------------------------------------


def place_findings(folder: Path, *, mounts: str) -> list[Finding]:
    """`mounts` is the text of /proc/mounts, "" where there is none."""
    kind = file_system(folder, mounts)
    if kind not in NETWORK:
        return []
    return [
        Finding(
            f"{folder} lies on a network or shared file system ({kind}).",
            "Set DATA_DIR to a folder on a disk of this machine; to share one database between"
            " machines use PostgreSQL (DATABASE_URL).",
        )
    ]


def file_system(folder: Path, mounts: str) -> str:
    """The kind of the file system that `folder` lies on; "" where it cannot be told."""
    wanted, best, kind = folder.resolve().as_posix() + "/", "", ""
    for line in mounts.splitlines():
        parts = line.split()
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ").rstrip("/") + "/"
        if wanted.startswith(point) and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def disk_findings(folder: Path, free: int) -> list[Finding]:
    if free >= LOW_DISK:
        return []
    return [
        Finding(
            f"The disk of {folder} is nearly full: {free // MEGABYTE:,} MB are left.",
            "Make room: move old backups to another machine, or give the disk more space.",
            fatal=free < FULL_DISK,
        )
    ]


# --- PostgreSQL ---------------------------------------------------------------------------------

SERVER = (
    (
        "transaction_read_only",
        "off",
        "PostgreSQL takes no writes: it is a standby, or its disk is full.",
        "DATABASE_URL must name the primary. If it does, look whether the disk has room.",
    ),
    (
        "fsync",
        "on",
        "PostgreSQL runs with fsync off: a power cut can destroy the database.",
        "Set fsync = on in postgresql.conf and start the server again.",
    ),
    (
        "synchronous_commit",
        "on local remote_write remote_apply",
        "PostgreSQL acknowledges before it has written (synchronous_commit is off).",
        "Set synchronous_commit = on: what the site calls saved must be on the disk.",
    ),
    (
        "server_encoding",
        "UTF8",
        "The PostgreSQL database does not store UTF-8.",
        "Create it with ENCODING 'UTF8' TEMPLATE template0, and restore into that.",
    ),
)


def server_findings() -> list[Finding]:
    """What is wrong with the PostgreSQL server, by its own word."""
    try:
        with connection.cursor() as cursor:
            said = {}
            for name, _wanted, _what, _do in SERVER:
                cursor.execute(f"SHOW {name}")
                said[name] = cursor.fetchone()[0]
    except DatabaseError as error:
        return [
            Finding(
                f"PostgreSQL does not answer: {str(error).strip().splitlines()[0]}",
                "Look whether it runs, whether its disk has room, and whether DATABASE_URL names it"
                " and its password rightly.",
            )
        ]
    return judge_server(said)


def judge_server(said: dict[str, str]) -> list[Finding]:
    return [
        Finding(what, do) for name, wanted, what, do in SERVER if said[name] not in wanted.split()
    ]


# --- Migrations ---------------------------------------------------------------------------------

_known: set[tuple[str, str]] | None = None


def known_migrations() -> set[tuple[str, str]]:
    """(app, name) of every migration this program carries; read from the disk once a process."""
    global _known  # noqa: PLW0603  # they do not change while a process lives
    if _known is None:
        _known = set(MigrationLoader(None).disk_migrations)
    return _known


def missing_migrations() -> list[tuple[str, str]]:
    """Those the database has not had, in order; all of them where it has no tables."""
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return sorted(known_migrations())
        cursor.execute("SELECT app, name FROM django_migrations")
        return sorted(known_migrations() - {(app, name) for app, name in cursor.fetchall()})


def unknown_migrations(applied: Iterable[tuple[str, str]]) -> list[str]:
    """Those of our own apps that another, newer program has made."""
    own = {config.label for config in apps.get_app_configs()}
    known = known_migrations()
    return sorted(
        f"{app}.{name}" for app, name in applied if app in own and (app, name) not in known
    )


def migration_findings() -> list[Finding]:
    missing = missing_migrations()
    if not missing:
        return []
    first = ".".join(missing[0])
    return [
        Finding(
            f"The database lacks {len(missing)} of this program's migrations ({first} …).",
            "Back up, then run manage.py migrate.",
        )
    ]


def describe(findings: Iterable[Any]) -> str:
    return "\n".join(map(str, findings))
