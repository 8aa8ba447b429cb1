"""The examples in deploy/ as they stand, with this test's addresses put in, run by nginx itself."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .server import HOST, ROOT


def find_nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@dataclass
class Nginx:
    """nginx with deploy/nginx.conf in `folder`, https on 127.0.0.1:`port`."""

    folder: Path
    port: int
    plain_port: int
    static: Path
    running: "subprocess.Popen[bytes] | None" = None

    def write(self, servers: Iterable[str]) -> None:
        """The configuration for these upstream servers ("10.77.1.2:8000")."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        if not key.exists():
            subprocess.run(
                [
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-days",
                    "2",
                    "-subj",
                    f"/CN={HOST}",
                    "-addext",
                    f"subjectAltName=DNS:{HOST}",
                    "-keyout",
                    str(key),
                    "-out",
                    str(certificate),
                ],
                check=True,
                capture_output=True,
            )
        own = (ROOT / "deploy" / "nginx.conf").read_text()
        lines = "\n".join(f"    server {one} max_fails=1 fail_timeout=2s;" for one in servers)
        own = re.sub(r"    server 127\.0\.0\.1:8000[^\n]*\n", lines + "\n", own, count=1)
        for was, now in (
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
            ("/etc/letsencrypt/live/lessons.example/fullchain.pem", str(certificate)),
            ("/etc/letsencrypt/live/lessons.example/privkey.pem", str(key)),
            ("/var/log/nginx/lessons-error.log", str(self.folder / "error.log")),
            ("/var/lib/coldwar-lessons/static/", f"{self.static}/"),
        ):
            assert was in own, was
            own = own.replace(was, now)
        (self.folder / "site.conf").write_text(own)
        root = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(
            f"    {kind}_temp_path {self.folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"{root} daemon off; worker_processes 1; pid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/error.log crit;\nevents {{ worker_connections 1024; }}\n"
            f"http {{\n    include /etc/nginx/mime.types;\n{temporary}"
            f"    access_log {self.folder}/access.log;\n"  # as distributions have it
            f"    include {self.folder}/site.conf;\n}}\n"
        )

    def command(self, *more: str) -> list[str]:
        found = find_nginx()
        assert found is not None
        return [found, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder), *more]

    def test(self) -> None:
        """nginx -t: raises, with nginx's words, where the example has a mistake."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr, done.stderr

    def start(self) -> None:
        self.test()
        self.running = subprocess.Popen(self.command())
        until = time.monotonic() + 10
        while not (self.folder / "nginx.pid").exists():
            assert time.monotonic() < until, "nginx does not start"
            time.sleep(0.05)

    def reload(self, servers: Iterable[str]) -> None:
        """New servers; what is being answered by an old one is finished there."""
        self.write(servers)
        self.test()
        subprocess.run(self.command("-s", "reload"), check=True, capture_output=True)
        time.sleep(0.5)

    def stop(self) -> None:
        if self.running is not None:
            self.running.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.running.wait(10)
            if self.running.poll() is None:
                self.running.kill()
