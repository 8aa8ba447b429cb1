"""Two at once, where one has written and not committed yet: each case of racing.py, once.

A pair stands for what became of the first and of the second: "done", what a page answered, or the
name of a refusal. What it left behind follows.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.processes import in_another_process

ACTIVE, LEFT, REMOVED = ["student active"], ["student left"], ["student removed"]
BOTH, SECOND_REFUSED = ["done", "done"], ["done", "ClassRefused"]
WHOLE = [0]
"""Nothing is missing of the one answer: response, mark and score."""

EXPECTED: dict[str, Any] = {
    "joining twice": [[302, 302], ACTIVE, 1],
    "by code and by invitation": [[["done", 409], ACTIVE], [[302, "done"], ACTIVE]],
    "by one invitation twice": [[302, 302, 302], ACTIVE, 1],
    "by two invitations": [SECOND_REFUSED, ACTIVE, 1],
    "joining while closed": [SECOND_REFUSED, []],
    "joining while renewed": [SECOND_REFUSED, []],
    "joining while archived": [SECOND_REFUSED, []],
    "joining while expired": [SECOND_REFUSED, []],
    "joining while filled": [SECOND_REFUSED, ACTIVE],
    "closed while joining": [BOTH, ACTIVE],
    "accepting while archived": [SECOND_REFUSED, []],
    "leaving while removed": [BOTH, REMOVED, 2],
    "removed while leaving": [BOTH, LEFT, 2],
    "asking erasure while taken back": [SECOND_REFUSED, ACTIVE],
    "taken back while asking erasure": [BOTH, ACTIVE],
    "one removes, one removes": [SECOND_REFUSED, 1],
    "one leaves, one leaves": [SECOND_REFUSED, 1],
    "one demotes, one leaves": [BOTH, 1],
    "one is erased, one is erased": [["done", "Refused"], 1],
    "one is erased, one leaves": [SECOND_REFUSED, 1],
    "one leaves, one is erased": [["done", "Refused"], 1],
    "leaving while made the only instructor": [SECOND_REFUSED, 1],
    "leaving while given work": [[BOTH, 0, 404], [BOTH, 0, 404]],
    "answering while removed": [[["done", 302], WHOLE, [1], 404], [[302, "done"], WHOLE, [1], 404]],
    "answering while withdrawn": [
        [["done", 302], WHOLE, [1], 404],
        [[302, "done"], WHOLE, [1], 404],
    ],
    "answering while closed": [[["done", 302], WHOLE, [1], 302], [[302, "done"], WHOLE, [1], 302]],
    "handing in while withdrawn": [[BOTH, True, 5, 1], [BOTH, True, 5, 1]],
    "handing in while closed": [[BOTH, True, 5, 1], [BOTH, True, 5, 1]],
    "claiming twice": [BOTH, [1]],
    "claiming while answering, claim first": [["done", 401], 0, 0, []],
    "claiming while answering, in between": [["done", 401], 0, 0, []],
    "erasing while answering, erased first": [["done", 401], 0, []],
    "erasing while answering, in between": [["done", 401], 0, []],
    "erasing while given work": [BOTH, BOTH],
}


@pytest.mark.django_db(transaction=True)
def test_what_two_do_at_once_has_the_effect_of_one_after_the_other(tmp_path: Path) -> None:
    assert in_another_process("tests.attacks.racing", folder=tmp_path) == EXPECTED
