"""The real server in processes of its own, to be killed, stopped and started again.

On SQLite, or where DATABASE_URL names a PostgreSQL server, on a database of each test's own there.
"""

import configparser
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
FORM = "application/x-www-form-urlencoded"
WORK = (
    "quizzes_mark",
    "quizzes_response",
    "quizzes_attemptitem",
    "quizzes_attempt",
    "guided_progress",
)
"""Tables of what learners did (SQLite checks no foreign key unless told to)."""
HOST = "lessons.example"
"""The site's name in the examples of deploy/."""
POSTGRES = os.environ.get("DATABASE_URL", "")
FAULTY = "tests.faults.site:application"


@dataclass
class Server:
    """`manage.py demo` on `data`, a folder of its own; `faulty`: tests.faults.site."""

    data: Path
    name: str = ""
    """Of its PostgreSQL database; unused on SQLite."""
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108  # defined below
    running: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return self.data / "db.sqlite3"

    def environment(self) -> dict[str, str]:
        without = ("DATABASE_URL", "ENVIRONMENT", "DJANGO_SETTINGS_MODULE")
        own = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        own = {k: v for k, v in own.items() if k not in without} | {"DATA_DIR": str(self.data)}
        if POSTGRES:
            own |= {"DATABASE_URL": database_url(self.name), "DATABASE_POOL": "4"}
        return own

    def python(self, *arguments: str) -> str:
        """What `python ARGUMENTS` printed, with the settings of this site."""
        own = {"ENVIRONMENT": "demo", "DJANGO_SETTINGS_MODULE": "coldwar.settings"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=own | self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    def learners(self, number: int) -> dict[str, Any]:
        """Signed-in learners and the answers that each of them will send (tests.bench.learners).

        Theirs is all the work there is: what the demonstration's class has done goes first.
        """
        self.forget_work()
        found: dict[str, Any] = json.loads(self.python("-m", "tests.bench.learners", str(number)))
        return found

    def forget_work(self) -> None:
        if POSTGRES:
            self.write(f"TRUNCATE {', '.join(WORK)} CASCADE")
            return
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            for table in WORK:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.commit()

    def start(self, *, faulty: bool = False) -> None:
        command = [sys.executable, "manage.py", "demo", "--port", str(self.port)]
        # Else manage.py demo runs itself anew in this environment, which tests/e2e has it do.
        environment = self.environment() | {"ENVIRONMENT": "demo"}
        if faulty:
            served = ["--host", "127.0.0.1", "--port", str(self.port), "--interface", "wsgi"]
            # As manage.py demo serves.
            served += ["--workers", "2", "--blocking-threads", "4", "--runtime-mode", "st"]
            served += ["--respawn-failed-workers"]
            command = [sys.executable, "-m", "granian", *served, "--no-log", FAULTY]
            environment |= {"PYTHONPATH": str(ROOT)}
        self.launch(command, environment)

    def launch(self, command: list[str], environment: dict[str, str], host: str = "") -> None:
        """Run a server, and wait until it answers (by the name `host`)."""
        named = {"Host": host} if host else {}
        with (self.data / "server.log").open("ab") as log:
            self.running = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.running.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/healthz", headers=named)[0] == http.HTTPStatus.OK:
                    return
            time.sleep(0.1)
        said = (self.data / "server.log").read_text(errors="replace")[-4000:]
        raise AssertionError(f"The server did not answer within {START_SECONDS} s:\n{said}")

    def workers(self) -> list[int]:
        """The living worker processes, the oldest first."""
        if self.running is None:
            return []
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
        )
        rows = [line.split() for line in listed.stdout.splitlines()]
        own = str(self.running.pid)
        return sorted(int(pid) for pid, parent, stat in rows if parent == own and "Z" not in stat)

    def kill(self) -> None:
        """The whole server at once, as when the machine loses its power; if it runs."""
        if self.running is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = None

    def stop(self) -> None:
        """As a service manager does: SIGTERM, and SIGKILL to what does not go."""
        if self.running is None:
            return
        self.running.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(timeout=15)
        self.kill()

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: str = "",
        cookie: str = "",
        headers: dict[str, str] | None = None,
        patience: float = 30,
    ) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers (lower case; one that came twice in two lines)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        sent = {"Cookie": cookie, **({"Content-Type": FORM} if method == "POST" else {})}
        try:
            connection.request(method, path, body or None, sent | (headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode()
            own = {k.lower(): "\n".join(answer.headers.get_all(k, [])) for k in answer.headers}
            return answer.status, text, own
        finally:
            connection.close()

    def rows(self, sql: str) -> list[Any]:
        """What the database holds; UUIDs as 32 hexadecimal digits, as SQLite keeps them."""
        if POSTGRES:
            return [
                tuple(value.hex if isinstance(value, UUID) else value for value in row)
                for row in self.write(sql)
            ]
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def write(self, sql: str) -> list[Any]:
        """Run one statement from outside and commit it; PostgreSQL's rows."""
        if POSTGRES:
            import psycopg

            with psycopg.connect(database_url(self.name), autocommit=True) as connection:
                cursor = connection.execute(sql)
                return cursor.fetchall() if cursor.description else []
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute(sql)
            connection.commit()
        return []


def command_of(unit: str, name: str) -> list[str]:
    """The words of ExecStart= or the like, the environment's folder put in place of /opt's."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(re.sub(r"\\\n\s*", "", (ROOT / "deploy" / unit).read_text()))
    words = parser["Service"][name].split()
    program = Path(words[0])
    assert program.parent == Path("/opt/coldwar-lessons/.venv/bin")
    return [str(Path(sys.executable).parent / program.name), *words[1:]]


class Site(Server):
    """Production as the unit of systemd starts it; it takes what asks it for a proxy of ours."""

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "ENVIRONMENT": "production",
            "SECRET_KEY": "k" * 60 + "not-in-use-1",
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "coldwar.settings",
        }

    def start(self, *, faulty: bool = False) -> None:
        assert not faulty
        command = command_of("coldwar-lessons.service", "ExecStart")
        command[command.index("8000")] = str(self.port)
        if not POSTGRES:  # a throw-away cluster writes without care, and is refused for it
            checked = command_of("coldwar-lessons.service", "ExecStartPre")
            subprocess.run(checked, cwd=ROOT, env=self.environment(), check=True)
        self.launch(command, self.environment(), HOST)


def on_postgres(sql: str) -> None:
    """One statement about databases, from the one that DATABASE_URL names."""
    import psycopg

    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(sql)


def database_url(name: str) -> str:
    """The address of another database of the same PostgreSQL server."""
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
