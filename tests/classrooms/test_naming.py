"""User names from names in several scripts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.classrooms.naming import romanised, username_for


@pytest.mark.parametrize(
    ("name", "romanisation"),
    [
        ("Amara Okafor", "amara.okafor"),
        ("Zoë O'Neill-Łuk", "zoe.oneill.luk"),
        ("Jürgen Groß", "jurgen.gross"),
        ("İbrahim Çelik", "ibrahim.celik"),
        ("Ольга Щукина", "olga.shchukina"),
        ("Їжак Ґалаґан", "yizhak.galagan"),
        ("محمد علی", "mhmd.aly"),
        ("अमृता शर्मा", "amrita.sharma"),
        ("निखिल", "nikhil"),
        ("李小龙", ""),
        ("…", ""),
    ],
)
def test_names_are_romanised(name: str, romanisation: str) -> None:
    assert romanised(name) == romanisation


def test_a_name_without_known_letters_is_a_student() -> None:
    assert re.fullmatch(r"student\.[2-9]{3}", username_for("李小龙"))


@given(st.text(max_size=120))
def test_a_user_name_is_plain_and_stored_as_it_is(name: str) -> None:
    username = username_for(name)
    assert re.fullmatch(r"[a-z0-9.]+\.[2-9]{3}", username), username
    assert len(username) <= 60
    assert User.normalize_username(username) == username
