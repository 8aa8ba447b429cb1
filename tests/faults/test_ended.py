"""The session ends while its reader writes: nothing typed is lost, and nobody else gets it."""

import pytest
from django.test import Client

from lessons.accounts.models import User
from tests.classrooms.giving import SLUG, open_room, work_base
from tests.guided.reading import CLOSING, HTMX, body, form, table_counts, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("given", [False, True], ids=["alone", "in a class"])
@pytest.mark.parametrize("action", ["questions/3/draft/", "review/", "submit/"])
def test_form_of_an_ended_session_is_401_with_the_text_and_the_way_back(
    student: User, instructor: User, student_client: Client, given: bool, action: str
) -> None:
    row = open_room(instructor, student).give() if given else None
    quiz = f"{work_base(row)}closing-quiz/" if row else CLOSING
    student_client.post(f"{quiz}start/")
    tab = form(body(student_client.get(quiz)), f"{quiz}review/")
    before = table_counts()
    here = {"Referer": f"http://testserver{quiz}?review=1"}
    for headers in (here, here | HTMX):
        response = Client().post(f"{quiz}{action}", tab | {"q3-text": "at last"}, headers=headers)
        assert response.status_code == 401
        assert response["Cache-Control"] == "no-store, private"
        page = body(response)
        assert "You are signed out" in text_of(page)
        assert "at last</textarea>" in page
        assert form(page, "/accounts/sign-in/")["next"] == [quiz]
    assert table_counts() == before


def test_ended_session_tells_nothing_of_whether_there_is_such_work(
    student: User, instructor: User
) -> None:
    there = open_room(instructor, student).give().delivery.key
    sent = {"reader": "0" * 16, "q1-text": "typed"}
    pages = [
        Client().post(f"/work/{key}/lessons/{SLUG}/closing-quiz/review/", sent)
        for key in (there, "preview", "no-such-work")
    ]
    assert [page.status_code for page in pages] == [401, 401, 401]
    assert len({text_of(body(page)) for page in pages}) == 1
    # A visitor's page holds nobody's mark, and a presence nothing worth keeping.
    assert Client().post(f"{CLOSING}review/", {"reader": ""}).status_code == 302
    presence = Client().post(f"{CLOSING}presence/", {"reader": "0" * 16, "seconds": "3"})
    assert presence.status_code == 204


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example//evil.example/", "nonsense"])
def test_ended_session_leads_back_to_this_site_only(referer: str) -> None:
    response = Client().post(
        f"{CLOSING}review/", {"reader": "0" * 16}, headers={"Referer": referer}
    )
    assert "next" not in form(body(response), "/accounts/sign-in/")
