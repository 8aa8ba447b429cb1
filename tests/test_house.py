"""The fences and promises of the house itself: this folder's conftest, and the lock files."""

import re
import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.models import Document

LOCKS = sorted((Path(__file__).parents[1] / "requirements").glob("*.lock"))


def test_a_test_cannot_open_a_connection() -> None:
    with pytest.raises(pytest.fail.Exception, match="tried to connect"):
        socket.create_connection(("127.0.0.1", 9))


@pytest.mark.loopback
def test_a_test_marked_loopback_can_reach_this_machine_only() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()
    with pytest.raises(pytest.fail.Exception, match="tried to connect"):
        socket.create_connection(("192.0.2.1", 80))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_the_shipped_content_is_there_after_a_flush_too(time: int) -> None:
    assert Document.objects.published().count() >= 1
    assert ContentVersion.current() >= 1
    Document.objects.update(title="Another")
    assert not Document.objects.exclude(title="Another").exists()


@pytest.mark.django_db
def test_the_shipped_content_is_there() -> None:
    assert Document.objects.published().exclude(title="Another").count() >= 1


def test_the_cast_has_the_roles_it_is_named_for(
    instructor: User, student: User, other_student: User, editor: User, guest: User
) -> None:
    for user, is_instructor, is_staff, is_guest in (
        (instructor, True, False, False),
        (student, False, False, False),
        (other_student, False, False, False),
        (editor, False, True, False),
        (guest, False, False, True),
    ):
        assert (user.is_instructor, user.is_staff, user.is_guest) == (
            is_instructor,
            is_staff,
            is_guest,
        ), user.username
    assert editor.has_perm("documents.change_document")
    assert not editor.has_perm("quizzes.change_mark")
    assert not editor.has_perm("accounts.change_user")
    assert not student.has_perm("documents.change_document")
    assert AnonymousUser().is_authenticated is False


def test_no_page_of_the_tests_is_drawn_in_debug_mode() -> None:
    assert settings.DEBUG is False


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_file_names_packages_and_hashes_only(lock: Path) -> None:
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(
            r"[a-z0-9-]+(\[[a-z,]+\])?==\S+( ; [^\\]+)? \\| +--hash=sha256:[0-9a-f]{64}( \\)?", line
        ), line


def test_there_are_four_lock_files() -> None:
    assert [path.stem for path in LOCKS] == ["dev", "load", "postgres", "runtime"]
