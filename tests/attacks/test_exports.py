"""Every table and file that leaves a class whose names and titles are all an attacker's."""

import re
from typing import Any

import pytest

from lessons.classrooms.models import Assignment, Classroom, Group, Membership
from lessons.classrooms.views.dashboards import EXPORTS
from lessons.quizzes.models import Mark
from tests.classrooms.making import Cast, make_cast
from tests.classrooms.test_exports import read_csv, read_xlsx

from .addresses import ROUTES, address, client_of

pytestmark = pytest.mark.django_db

HOSTILE = [
    "=HYPERLINK(1)",
    "@SUM(A1)",
    "-1+1|cmd",
    " ＝1",
    '"; filename="a.exe',
    "a\r\nSet-Cookie: b=c",
    "\u202egnp.exe",
    "../История",
    "x" * 110,
]
FILES = [route for route in ROUTES if re.search(r"(csv|xlsx)/?$", route.route)]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")


def spoil(cast: Cast, words: str) -> None:
    """The words in place of every name and title of the class, as they would come from a form."""
    Classroom.objects.filter(pk=cast.classroom.pk).update(name=words, term=words[:60])
    Assignment.objects.filter(pk=cast.assignment.pk).update(title=words)
    Group.objects.filter(pk=cast.group.pk).update(name=words[:80])
    for member in Membership.objects.filter(classroom=cast.classroom).select_related("user"):
        member.roster_name, member.student_number = words, words[:40]
        member.save()
        member.user.display_name = words[:80]
        member.user.save()
    Mark.objects.filter(response=cast.response).update(comment=words, reason=words)


def shown(text: str) -> str:
    """Without what a workbook makes of a line break."""
    return " ".join(text.replace("_x000D_", " ").split())


def rows_of(response: Any) -> list[list[Any]]:
    if response["Content-Type"].startswith("text/csv"):
        return list(read_csv(response))
    return read_xlsx(response)


def addresses_of_files(cast: Cast) -> list[str]:
    """Of every file, each of a dashboard's tables among them."""
    found = []
    for route in FILES:
        if "table" in route.parts:
            found += [address(cast, route, table=table) for table in EXPORTS]
        else:
            found.append(address(cast, route))
    return found


def test_no_cell_or_name_of_any_file_does_more_than_stand_there() -> None:
    cast = make_cast("here")
    client = client_of(cast.instructor)
    files = addresses_of_files(cast)
    assert len(files) == len(FILES) - 1 + len(EXPORTS), files
    for words in HOSTILE:
        spoil(cast, words)
        seen = ""
        for file in files:
            response = client.get(file)
            assert (file, response.status_code) == (file, 200)
            named = response["Content-Disposition"]
            assert re.fullmatch(r'attachment; filename="[a-z0-9-]{1,80}\.(csv|xlsx)"', named), named
            for row in rows_of(response):
                for cell in row:
                    seen += f"{cell}\n"
                    is_number = not isinstance(cell, str) or re.fullmatch(r"-?\d+(\.\d+)?", cell)
                    assert is_number or not cell.lstrip(" \u00a0").startswith(STARTS), (file, row)
        assert shown(words) in shown(seen)
