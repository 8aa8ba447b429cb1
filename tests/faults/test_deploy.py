"""The examples for operators, run by the programs they are written for."""

import gzip
import http.client
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .proxy import Nginx, find_nginx
from .server import HOST, ROOT, Server, Site, command_of, free_port

REQUIRED = os.environ.get("REQUIRE_ALL") == "1"
pytestmark = pytest.mark.sqlite  # the examples are of a site in one file


BODIES = (
    ("/join/SECRETCODE/", 700_000, 403),  # read by the site, which misses the form's token
    ("/join/SECRETCODE/", 1_500_000, 413),
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
    site.stop()


def over_https(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
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
        assert status in (200, 302, 404)
        plain = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=10)
        plain.request("GET", "/join/SECRETCODE/", headers={"Host": "elsewhere.example"})
        moved = plain.getresponse()
        assert (moved.status, moved.headers["Location"]) == (
            301,
            f"https://{HOST}/join/SECRETCODE/",
        )
        plain.close()
        for path, size, wanted in BODIES:
            status, _page, _headers = over_https(
                nginx.port, path, method="POST", body=b"a" * size, Referer=f"https://{HOST}/"
            )
            assert (path, size, status) == (path, size, wanted)
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
