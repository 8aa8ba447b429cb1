"""Two app servers on machines of their own: python -m tests.faults.fleet

Each stands in a network namespace of its own, behind deploy/nginx.conf, with one PostgreSQL and one
Redis (or Valkey). Under load one is killed and comes back; then both are upgraded in turn to a
version with a migration. Prints what was seen; ends with 1 where an acknowledged answer is not
stored exactly once, where a client had to press a button more than once again for the killing, or
at all for the upgrade. Root, on Linux, where nginx, PostgreSQL, Redis and ip are installed.
"""

import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import postgres

from .proxy import Nginx, find_nginx
from .server import FORM, HOST, ROOT, free_port

CLIENTS = int(os.environ.get("FLEET_CLIENTS", "12"))
LEARNERS = int(os.environ.get("FLEET_LEARNERS", "300"))
PAUSE = 0.15
"""Seconds between two answers of a client."""
NETWORK = f"10.{100 + os.getpid() % 100}"
MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("quizzes", "{last}")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE quizzes_response ADD COLUMN fleet_upgrade varchar(20) NULL",
            migrations.RunSQL.noop,
        )
    ]
"""


def missing_programs() -> list[str]:
    """What this needs and does not find."""
    redis = shutil.which("redis-server") or shutil.which("valkey-server")
    needs = {
        "root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "ip (iproute2)": shutil.which("ip"),
        "nginx": find_nginx(),
        "redis-server or valkey-server": redis,
        "PostgreSQL's server programs": postgres.find_programs(),
    }
    return [name for name, found in needs.items() if not found]


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def machine(number: int) -> Iterator[str]:
    """A network namespace with a cable to this one; its name."""
    name, here, there = (f"l{os.getpid() % 10000}{part}{number}" for part in "nab")
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        run("ip", "addr", "add", f"{NETWORK}.{number}.1/24", "dev", here)
        run("ip", "link", "set", here, "up")
        inside = ("ip", "-n", name)
        run(*inside, "addr", "add", f"{NETWORK}.{number}.2/24", "dev", there)
        run(*inside, "link", "set", there, "up")
        run(*inside, "link", "set", "lo", "up")
        yield name
    finally:
        run("ip", "netns", "del", name)


@dataclass
class App:
    number: int
    namespace: str
    data: Path
    environment: dict[str, str]
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}.2:8000"

    def start(self, code: Path) -> None:
        here = f"{NETWORK}.{self.number}.1"
        with (self.data / f"server-{self.number}.log").open("ab") as log:
            self.running = subprocess.Popen(
                [
                    "ip",
                    "netns",
                    "exec",
                    self.namespace,
                    sys.executable,
                    "-m",
                    "granian",
                    "--interface",
                    "wsgi",
                    "--workers",
                    "1",
                    "--blocking-threads",
                    "4",
                    "--runtime-mode",
                    "st",
                    "--no-ws",
                    "--host",
                    f"{NETWORK}.{self.number}.2",
                    "--port",
                    "8000",
                    "coldwar.wsgi:application",
                ],
                cwd=code,
                env=self.environment
                | {
                    "DATABASE_URL": f"postgres://lessons@{here}:5432/lessons",
                    "CACHE_URL": self.environment["CACHE_URL"].replace("127.0.0.1", here),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + 90
        while time.monotonic() < until and self.running.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked = http.client.HTTPConnection(f"{NETWORK}.{self.number}.2", 8000, timeout=5)
                asked.request("GET", "/healthz", headers={"Host": HOST})
                if asked.getresponse().status == http.HTTPStatus.OK:
                    return
            time.sleep(0.1)
        raise RuntimeError((self.data / f"server-{self.number}.log").read_text()[-4000:])

    def end(self, how: int) -> None:
        if self.running is None or self.running.poll() is not None:
            return
        if how == signal.SIGKILL:
            os.killpg(self.running.pid, signal.SIGKILL)
        else:
            self.running.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(30)
        if self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


@dataclass
class Client:
    """One reader's browser after another, sending the answers of its learners."""

    port: int
    work: list[tuple[str, dict[str, str]]]
    stopping: threading.Event
    phase: list[str]
    acknowledged: list[str] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    """Requests sent again, by phase."""
    seen: Counter[str] = field(default_factory=Counter)
    """What came instead of an acknowledgement."""
    times: list[float] = field(default_factory=list)
    renewed: int = 0
    """Connections found closed."""
    connection: http.client.HTTPSConnection | None = None

    def post(self, cookie: str, answer: dict[str, str]) -> str:
        """Nothing where the server said that the answer is stored, else what came."""
        # A connection kept open may be closed by the other end just then. Browsers open another and
        # send again without a word, and so does this.
        was_open = self.connection is not None
        if self.connection is None:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=context, timeout=30
            )
        headers = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "Cookie": cookie,
            "Content-Type": FORM,
            "HX-Request": "true",
        }
        try:
            self.connection.request("POST", answer["path"], answer["body"], headers)
            response = self.connection.getresponse()
            page = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            if was_open:
                self.renewed += 1
                return self.post(cookie, answer)
            return type(error).__name__
        prefix = answer["body"].partition("-uuid=")[0].rpartition("&")[2]
        if response.status == http.HTTPStatus.OK and f'name="{prefix}-tries" value="1"' in page:
            return ""
        return str(response.status)

    def run(self) -> None:
        # Once all is sent it is sent again: a replay is acknowledged, and nothing is stored twice.
        for cookie, answer in itertools.cycle(self.work):
            if self.stopping.is_set():
                return
            began = time.monotonic()
            while said := self.post(cookie, answer):
                self.seen[f"{self.phase[0]}: {said}"] += 1
                self.again[self.phase[0]] += 1
                if time.monotonic() - began > 60:
                    self.seen["given up"] += 1
                    return
                time.sleep(0.3)
            found = re.search(r"-uuid=([0-9a-f-]{36})", answer["body"])
            assert found is not None
            self.acknowledged.append(uuid.UUID(found[1]).hex)
            self.times.append(time.monotonic() - began)
            time.sleep(PAUSE)


def next_version(folder: Path) -> Path:
    """The same program with one migration more."""
    code = folder / "next"
    without = shutil.ignore_patterns(".git", ".venv", "var", "tests", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, code, ignore=without)
    migrations = code / "lessons" / "quizzes" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_fleet.py").write_text(MIGRATION.format(last=last))
    return code


@contextlib.contextmanager
def cache(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    assert program is not None
    port = free_port()
    running = subprocess.Popen(
        [
            program,
            "--bind",
            "*",
            "--protected-mode",
            "no",
            "--port",
            str(port),
            "--save",
            "",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        running.wait()


def manage(code: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=code,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return done.stdout


def rows(address: str, sql: str) -> list[Any]:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(sql)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def main() -> int:
    missing = missing_programs()
    if missing:
        print(f"Not run: {', '.join(missing)} not found.")
        return 1 if os.environ.get("REQUIRE_ALL") == "1" else 0
    postgres.clean_up_when_terminated()
    programs = postgres.find_programs()
    assert programs is not None
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        names = {number: stack.enter_context(machine(number)) for number in (1, 2)}
        address = stack.enter_context(postgres.cluster(programs, network=f"{NETWORK}.0.0/16"))
        redis = stack.enter_context(cache(folder))
        server = address.rpartition("/")[0]
        rows(f"{server}/postgres", "CREATE DATABASE lessons")
        own = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        environment = own | {
            "ENVIRONMENT": "production",
            "DJANGO_SETTINGS_MODULE": "coldwar.settings",
            "SECRET_KEY": uuid.uuid4().hex * 2,
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "1",
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": address,
            "CACHE_URL": redis,
        }
        began = time.monotonic()
        for command in ("migrate", "load_content", "collectstatic --noinput"):
            manage(ROOT, environment, "manage.py", *command.split(), "--verbosity", "0")
        made = json.loads(manage(ROOT, environment, "-m", "tests.bench.learners", str(LEARNERS)))
        nginx = Nginx(folder / "nginx", free_port(), free_port(), folder / "data" / "static")
        apps = [App(number, names[number], folder, environment) for number in (1, 2)]
        both = [app.address for app in apps]
        try:
            for app in apps:
                app.start(ROOT)
            nginx.write(both)
            nginx.start()
            print(f"prepared in {time.monotonic() - began:.0f} s; {CLIENTS} clients begin")
            clients = under_load(nginx, apps, made, environment, next_version(folder))
        finally:
            nginx.stop()
            for app in apps:
                app.end(signal.SIGTERM)
        return report(clients, address)


def under_load(
    nginx: Nginx, apps: list[App], made: dict[str, Any], environment: dict[str, str], code: Path
) -> list[Client]:
    """Kill one server, then upgrade both, while the clients send; what the clients saw."""
    stopping, phase = threading.Event(), ["before"]
    everybody = [
        (
            cookie.replace("sessionid", "__Host-sessionid").replace(
                "csrftoken", "__Host-csrftoken"
            ),
            one,
        )
        for cookie, answers in zip(made["cookies"], made["answers"], strict=True)
        for one in answers
    ]
    asked = len(made["answers"][0])
    clients = []
    for number in range(CLIENTS):
        work = [one for at, one in enumerate(everybody) if at // asked % CLIENTS == number]
        clients.append(Client(nginx.port, work, stopping, phase))
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    both = [app.address for app in apps]
    try:
        time.sleep(3)
        phase[0] = "killing"
        apps[0].end(signal.SIGKILL)
        print("killed server 1 (SIGKILL to all of its processes)")
        time.sleep(4)
        apps[0].start(ROOT)
        time.sleep(3)
        phase[0] = "upgrade"
        began = time.monotonic()
        manage(code, environment, "manage.py", "migrate", "--verbosity", "0")
        print(f"migrated under load in {time.monotonic() - began:.1f} s, the old servers answering")
        for app in apps:
            nginx.reload([one for one in both if one != app.address])
            app.end(signal.SIGTERM)
            app.start(code)
            nginx.reload(both)
            print(f"server {app.number} runs the new version")
        time.sleep(2)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(90)
    return clients


def report(clients: list[Client], address: str) -> int:
    told = [one for client in clients for one in client.acknowledged]
    acknowledged = set(told)
    stored = Counter(
        uuid.UUID(str(one)).hex
        for (one,) in rows(address, "SELECT client_uuid FROM quizzes_response")
    )
    lost = [one for one in acknowledged if stored[one] != 1]
    marks = rows(
        address,
        "SELECT COUNT(*) FROM quizzes_response r"
        " WHERE (SELECT COUNT(*) FROM quizzes_mark m WHERE m.response_id = r.id) <> 1",
    )[0][0]
    times = sorted(one for client in clients for one in client.times)
    again = {phase: [client.again[phase] for client in clients] for phase in ("killing", "upgrade")}
    seen = sum((client.seen for client in clients), Counter[str]())
    print(f"acknowledgements {len(told)}, of answers {len(acknowledged)}")
    print(f"answers not stored exactly once {len(lost)}")
    print(f"answers without exactly one mark {marks}")
    median = 1000 * times[len(times) // 2]
    print(f"longest wait of an answer {times[-1]:.1f} s, median {median:.0f} ms")
    for name, counts in again.items():
        print(f"{name}: requests sent again {sum(counts)}, most by one client {max(counts)}")
    print(f"kept connections found closed: {sum(client.renewed for client in clients)}")
    print(f"seen instead of an answer: {dict(seen) or 'nothing'}")
    good = not lost and not marks and max(again["killing"]) <= 1 and max(again["upgrade"]) == 0
    print("All held." if good and acknowledged else "A promise was broken.")
    return 0 if good and acknowledged else 1


if __name__ == "__main__":
    sys.exit(main())
