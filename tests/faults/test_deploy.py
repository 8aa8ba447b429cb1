"""The examples for operators, run by the programs they are written for."""

import gzip
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .proxy import Nginx, find_nginx
from .server import HOST, ROOT, Server, Site, command_of, free_port

REQUIRED = os.environ.get("REQUIRE_ALL") == "1"
pytestmark = pytest.mark.sqlite  # the examples are of a site in one file


BODIES = (
    ("/join/SECRETCODE/", 500_000, 403),  # read by the site, which misses the form's token
    ("/join/SECRETCODE/", 700_000, 413),
    ("/admin/documents/document/import/", 16_000_000, 403),
    ("/admin/documents/document/import/", 18_000_000, 413),
)
"""Addresses, bytes sent, and the answer."""


@pytest.fixture
def site(prepared: Server, tmp_path: Path) -> Iterator[Site]:
    data = tmp_path / "data"
    shutil.copytree(prepared.data, data)
    site = Site(data)
    yield site
    site.kill()


def over_https(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(HOST, port, timeout=20)
    plain = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sock = context.wrap_socket(plain, server_hostname=HOST)
    connection.request(method, path, body, headers={"Host": HOST, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}


@pytest.mark.skipif(
    find_nginx() is None and not REQUIRED, reason="nginx is not installed (apt install nginx)"
)
def test_site_behind_nginx_as_the_examples_have_it(site: Site, tmp_path: Path) -> None:
    assert find_nginx() is not None, "REQUIRE_ALL=1: nginx is needed"
    nginx = Nginx(tmp_path / "nginx", free_port(), free_port(), site.data / "static")
    nginx.write([f"127.0.0.1:{site.port}"])
    site.start()
    nginx.start()
    try:
        status, page, headers = over_https(nginx.port, "/")
        assert (status, b"<h1" in page) == (200, True)
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])  # nginx's own, taken over
        sheet = re.search(rb"/static/css/site\.[0-9a-f]+\.css", page)
        assert sheet is not None
        status, css, headers = over_https(
            nginx.port, sheet[0].decode(), **{"Accept-Encoding": "gzip"}
        )
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert b"--" in gzip.decompress(css)
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        status, _page, headers = over_https(nginx.port, "/join/SECRETCODE/?q=SECRETQUERY")
        assert status == 404
        plain = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=10)
        plain.request("GET", "/join/SECRETCODE/", headers={"Host": "elsewhere.example"})
        moved = plain.getresponse()
        assert (moved.status, moved.headers["Location"]) == (
            301,
            f"https://{HOST}/join/SECRETCODE/",
        )
        plain.close()
        for path, size, wanted in BODIES:
            status, page, _headers = over_https(
                nginx.port, path, method="POST", body=b"a" * size, Referer=f"https://{HOST}/"
            )
            assert (path, size, status) == (path, size, wanted)
            assert (b"Send a shorter text or a smaller file" in page) == (wanted == 413)
        site.kill()
        status, page, headers = over_https(nginx.port, "/privacy/")
        assert (status, headers["retry-after"]) == (503, "5")
        assert b"keep this page open and try again" in page
    finally:
        nginx.stop()
    told = (site.data / "server.log").read_text()
    assert '"route": "join/' in told
    told += (tmp_path / "nginx" / "error.log").read_text()
    assert "SECRET" not in told
    assert (tmp_path / "nginx" / "access.log").read_text() == ""


@pytest.mark.skipif(
    shutil.which("caddy") is None, reason="Caddy is not installed (apt install caddy)"
)
def test_caddy_says_what_is_not_saved_and_logs_no_address(tmp_path: Path) -> None:
    port, own = free_port(), (ROOT / "deploy" / "Caddyfile").read_text()
    here = (
        f"{{\n\thttp_port {free_port()}\n\thttps_port {port}\n\tlocal_certs\n"
        f"\tskip_install_trust\n\tadmin off\n\tstorage file_system {tmp_path}\n"
    )
    assert own.count("\n{\n") == own.count("127.0.0.1:8000") == 1
    own = own.replace("\n{\n", f"\n{here}").replace("127.0.0.1:8000", f"127.0.0.1:{free_port()}")
    (tmp_path / "Caddyfile").write_text(own)
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    with (tmp_path / "log").open("wb") as log:
        caddy = subprocess.Popen(
            command, env={**os.environ, "HOME": str(tmp_path)}, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                status, page, headers = over_https(port, "/join/SECRETCODE/")
                break
            except OSError:
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                time.sleep(0.1)
    finally:
        caddy.terminate()
        caddy.wait(30)
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
    assert b"keep this page open and try again" in page
    told = (tmp_path / "log").read_text()
    assert "serving initial configuration" in told
    assert "SECRET" not in told


@pytest.mark.parametrize("name", ["tick", "backup"])
def test_timers_run_commands_that_there_are(name: str, site: Site, tmp_path: Path) -> None:
    command = command_of(f"coldwar-lessons-{name}.service", "ExecStart")
    done = subprocess.run(
        command, cwd=ROOT, env=site.environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    copies = list((site.data / "backups").glob("backup-*.sqlite3"))
    assert len(copies) == (1 if name == "backup" else 0)


def test_example_of_settings_can_be_read_by_a_shell_as_by_systemd() -> None:
    read = subprocess.run(
        ["sh", "-ec", "set -a; . ./.env.example; printenv SITE_NAME DATA_DIR LOG_LEVEL"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.stdout, read.stderr) == (
        "Cold War Lessons\n/var/lib/coldwar-lessons\nWARNING\n",
        "",
    )
