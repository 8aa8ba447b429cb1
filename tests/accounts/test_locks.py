"""Guessing passwords: one name at one address is locked, never a school."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.test import Client

from lessons.accounts import domain
from lessons.accounts.models import User
from tests.conftest import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SIGN_IN = "/accounts/sign-in/"
SCHOOL, HOME = "203.0.113.7", "198.51.100.9"
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


def attempt(name: str, password: str, address: str = SCHOOL) -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post(SIGN_IN, {"username": name, "password": password}).status_code


def lock(name: str, address: str = SCHOOL) -> list[int]:
    return [attempt(name, "wrong", address) for _ in range(10)]


def test_ten_wrong_passwords_lock_the_name_at_this_address_only(student: User) -> None:
    assert lock("amara") == [422] * 9 + [429]
    assert attempt("amara", PASSWORD) == 429
    assert attempt("AMARA ", PASSWORD) == 429
    assert attempt("amara", PASSWORD, HOME) == 302


def test_locked_page_says_when_to_try_again_and_not_whether_the_name_exists(
    student: User,
) -> None:
    pages = []
    with time_machine.travel(NOW, tick=False):
        for name in ("amara", "nobody"):
            lock(name)
            response = Client(REMOTE_ADDR=SCHOOL).post(
                SIGN_IN, {"username": name, "password": PASSWORD, "next": "/documents/"}
            )
            assert response.status_code == 429
            assert response["Retry-After"] == "301"
            assert response["Cache-Control"] == "no-store, private"
            pages.append(response.content.decode())
    assert pages[0] == pages[1].replace("nobody", "amara")
    assert "a wrong password was typed too often for this name" in pages[0]
    assert "(That is at 10:05 UTC.)" in pages[0]
    assert 'href="/accounts/sign-in/?next=%2Fdocuments%2F"' in pages[0]


def test_lock_opens_after_five_minutes(student: User) -> None:
    with time_machine.travel(NOW, tick=False):
        lock("amara")
    with time_machine.travel(NOW + timedelta(minutes=4, seconds=59), tick=False):
        assert domain.lock_ends_in(username="amara", address=SCHOOL) == timedelta(seconds=1)
    with time_machine.travel(NOW + timedelta(minutes=5, seconds=1), tick=False):
        assert attempt("amara", PASSWORD) == 302


def test_right_password_forgets_the_wrong_ones(student: User) -> None:
    for _ in range(9):
        attempt("amara", "wrong")
    assert attempt("amara", PASSWORD) == 302
    assert AccessAttempt.objects.count() == 0
    assert attempt("amara", "wrong") == 422


def test_sixty_learners_behind_one_address_ten_of_them_mistyping() -> None:
    names = [f"pupil-{number}" for number in range(60)]
    for name in names:
        make_user(name)
    mistyping, others = names[:10], names[10:]
    statuses: dict[str, list[int]] = {name: lock(name) for name in mistyping}
    assert set(map(tuple, statuses.values())) == {(422,) * 9 + (429,)}
    assert [attempt(name, PASSWORD) for name in others] == [302] * 50
    assert [attempt(name, PASSWORD) for name in mistyping] == [429] * 10


def test_unlock_opens_the_name_at_once_at_every_address(student: User, other_student: User) -> None:
    for address in (SCHOOL, HOME):
        lock("amara", address)
    lock("tomasz")
    assert domain.unlock(user=student) == 2
    assert attempt("amara", PASSWORD) == 302
    assert attempt("tomasz", PASSWORD) == 429


def test_failures_keep_neither_the_password_nor_a_success_log(student: User) -> None:
    attempt("amara", "my secret guess")
    (row,) = AccessAttempt.objects.all()
    assert "my secret guess" not in row.post_data
    assert (row.username, row.ip_address) == ("amara", SCHOOL)
    assert attempt("amara", PASSWORD) == 302
    assert AccessLog.objects.count() == 0
