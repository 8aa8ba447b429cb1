"""A throw-away PostgreSQL server for the tests: python -m tests.postgres -- COMMAND …

The command runs with DATABASE_URL set to a fresh cluster on a Unix socket, which is removed
afterwards. Nothing is written to disk with care (fsync is off): never keep anything in it.
Not for Windows, where one sets DATABASE_URL to a server of one's own.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

FAST_AND_CARELESS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
PATIENCE = "-c statement_timeout=180s"
"""A query that would run for ever fails its test instead of holding the whole run up."""


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version found; None where there is none."""
    if os.name != "posix":
        return None
    on_path = shutil.which("initdb")
    # Debian keeps the server's programs off the PATH; Homebrew keeps old versions off it.
    places = ["usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql@*/bin"]
    found = [path for place in places for path in Path("/").glob(place)]
    found.sort(
        key=lambda path: [int(n) for n in path.parent.name.split("@")[-1].split(".") if n.isdigit()]
    )
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *reversed(found)]
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


@contextmanager
def cluster(programs: Path, *, network: str = "") -> Iterator[str]:
    """A running server, as the address that DATABASE_URL takes; stopped and removed at the end.

    `network` (10.77.0.0/16) is let in over TCP on 5432, beside the Unix socket.
    """
    folder = Path(tempfile.mkdtemp(prefix="lessons-pg-"))
    data, log, said = folder / "data", folder / "log", folder / "said"
    owner = _someone_else(folder)

    def run(program: str, *arguments: str) -> None:
        # To a file: a server that outlives its starter would hold a pipe open.
        with said.open("wb") as output:
            done = subprocess.run(
                [programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                check=False,
                **owner,
            )
        if done.returncode:
            words = [path.read_text(errors="replace") for path in (said, log) if path.exists()]
            raise RuntimeError(f"{program} failed with {done.returncode}.\n{''.join(words)}")

    try:
        run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "lessons",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        )
        if network:
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {network} trust\n")
        listen = "*" if network else ""
        options = (
            f"-c listen_addresses='{listen}' -c unix_socket_directories='{folder}'"
            " -c max_connections=200"
        )
        run(
            "pg_ctl",
            "-D",
            str(data),
            "-l",
            str(log),
            "-w",
            "-o",
            f"{options} {FAST_AND_CARELESS} {PATIENCE}",
            "start",
        )
        try:
            yield f"postgres://lessons@{quote(str(folder), safe='')}/lessons"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _someone_else(folder: Path) -> dict[str, Any]:
    """As root, which initdb refuses: give `folder` to another user, and run the programs as it."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("As root, a user named postgres or nobody is needed to run PostgreSQL.")


def clean_up_when_terminated() -> None:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that no server stays behind."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def run_with_server(command: list[str]) -> int:
    """Run `command` against a fresh cluster; its exit code. Raises where no server is found."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("No PostgreSQL server programs (initdb, pg_ctl) were found.")
    with cluster(programs) as address:
        running = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": address})
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:
                continue  # the command got the same Ctrl-C and is closing its connections
            except SystemExit:
                running.terminate()
                running.wait()
                raise


def main() -> int:
    command = sys.argv[1:]
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(__doc__)
        return 2
    clean_up_when_terminated()
    return run_with_server(command)


if __name__ == "__main__":
    sys.exit(main())
