"""A query without end holds no worker: the site gives it up, and commands may take their time."""

import pytest

from .server import Server

SHOWN = """
{start}
from django.db import OperationalError, connection
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
    try:
        cursor.execute("SELECT pg_sleep(2)")
    except OperationalError as error:
        print(error)
"""
AS_THE_SITE = SHOWN.format(start="import coldwar.wsgi")
AS_A_COMMAND = SHOWN.format(start="import django; django.setup()")


@pytest.mark.postgres
def test_a_page_gives_a_query_up_and_a_command_does_not(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATEMENT_TIMEOUT", raising=False)
    assert server.python("-c", AS_THE_SITE.replace("pg_sleep(2)", "1")).split() == ["1min"]
    monkeypatch.setenv("STATEMENT_TIMEOUT", "1")
    said = server.python("-c", AS_THE_SITE)
    assert said.split("\n")[:2] == ["1s", "canceling statement due to statement timeout"]
    monkeypatch.delenv("STATEMENT_TIMEOUT")
    # What the cluster of the tests allows, which is longer than a page's.
    assert server.python("-c", AS_A_COMMAND.replace("pg_sleep(2)", "1")).split() == ["3min"]
