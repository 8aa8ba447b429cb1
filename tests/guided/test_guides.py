"""Pages for teachers: who may read them, in which order, and the same text as files."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.core.markdown import to_html
from lessons.core.models import ContentVersion
from lessons.guided.guides import files_of, is_written_here, with_contents
from lessons.guided.models import Lesson, Module, TeacherPage

from .reading import LESSON, SLUG, body, text_of

pytestmark = pytest.mark.django_db

MODULE = "/modules/between-the-blocs/"
LIST = f"{MODULE}teachers/"
DOCS = Path(settings.BASE_DIR) / "docs" / "teachers"


@pytest.fixture
def pages(db: None) -> dict[str, TeacherPage]:
    """A guide of the second lesson and one of the third, a page on the module, and a draft."""
    TeacherPage.objects.all().delete()
    module = Module.objects.get(slug="between-the-blocs")
    lessons = list(module.lessons.order_by("order"))
    rows: list[tuple[str, dict[str, Any]]] = [
        ("about", {"order": 1, "title": "About it all"}),
        ("third", {"order": 2, "title": "Guide three", "lesson": lessons[2]}),
        ("second", {"order": 9, "title": "Guide two", "lesson": lessons[1]}),
        ("secret", {"order": 5, "title": "Not ready", "status": "draft"}),
    ]
    made = {
        key: TeacherPage.objects.create(
            **{"module": module, "key": key, "slug": key, "status": "published"}
            | {"body": "Before.\n\n## At a glance\n\nWords.\n\n## Answers & more\n\nC."}
            | fields
        )
        for key, fields in rows
    }
    ContentVersion.bump()
    return made


def titles(page: str) -> list[str]:
    return [text_of(title) for title in re.findall(r"<h3>.*?</h3>", page)]


# --- Who may read them -------------------------------------------------------------------------


@pytest.mark.usefixtures("pages")
def test_instructors_and_editors_read_them_and_nobody_else(
    visitor_client: Client,
    student_client: Client,
    guest_client: Client,
    instructor_client: Client,
    editor_client: Client,
) -> None:
    for path in (LIST, f"{LIST}about/"):
        assert visitor_client.get(path)["Location"] == f"/accounts/sign-in/?next={path}"
        assert student_client.get(path).status_code == 404
        assert guest_client.get(path).status_code == 404
        assert instructor_client.get(path).status_code == 200
        assert editor_client.get(path).status_code == 200
    teaches = [(student_client, False), (visitor_client, False)]
    teaches += [(instructor_client, True), (editor_client, True)]
    for client, linked in teaches:
        assert (LIST in body(client.get(MODULE))) is linked
        assert (f"{LIST}second/" in body(client.get(LESSON))) is linked


@pytest.mark.usefixtures("pages")
def test_guides_come_in_the_order_of_the_lessons_then_the_other_pages(
    instructor_client: Client, editor_client: Client
) -> None:
    assert titles(body(instructor_client.get(LIST))) == ["Guide two", "Guide three", "About it all"]
    page = body(editor_client.get(LIST))
    assert titles(page) == ["Guide two", "Guide three", "About it all", "Not ready"]
    assert text_of(page).count("Draft") == 1


@pytest.mark.usefixtures("pages")
def test_drafts_and_retired_pages(instructor_client: Client, editor_client: Client) -> None:
    assert instructor_client.get(f"{LIST}secret/").status_code == 404
    assert "draft" in text_of(body(editor_client.get(f"{LIST}secret/")))
    TeacherPage.objects.update(status="retired")
    ContentVersion.bump()
    for client in (instructor_client, editor_client):
        assert client.get(f"{LIST}about/").status_code == 404
        assert "No page for teachers is published yet." in text_of(body(client.get(LIST)))


@pytest.mark.usefixtures("pages")
def test_guide_of_a_lesson_that_is_not_published_waits_with_it(
    instructor_client: Client, editor_client: Client
) -> None:
    Lesson.objects.filter(slug=SLUG).update(status="draft")
    ContentVersion.bump()
    assert instructor_client.get(f"{LIST}second/").status_code == 404
    assert editor_client.get(f"{LIST}second/").status_code == 200


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("path", [f"{LIST}nothing/", "/modules/nothing/teachers/"])
def test_what_is_not_there_is_404(editor_client: Client, path: str) -> None:
    assert editor_client.get(path).status_code == 404


# --- The page ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("pages")
def test_page_has_a_list_of_its_headings(instructor_client: Client) -> None:
    page = body(instructor_client.get(f"{LIST}second/"))
    contents = re.findall(r'<li><a href="#([\w-]+)">(.*?)</a></li>', page)
    assert contents == [("s-at-a-glance", "At a glance"), ("s-answers-more", "Answers &amp; more")]
    for anchor, words in contents:
        assert f'<h2 id="{anchor}" tabindex="-1">{words}</h2>' in page
    assert f'href="/lessons/{SLUG}/print/?key=1"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_contents_of_headings_that_are_alike_or_have_no_letters() -> None:
    marked, contents = with_contents(to_html("## Same\n\n## *Same*\n\n## ¶¶\n\n### Small\n\ntext"))
    assert [(entry.anchor, entry.words) for entry in contents] == [
        ("s-same", "Same"),
        ("s-same-2", "Same"),
        ("s-3", "¶¶"),
    ]
    assert '<h2 id="s-same-2" tabindex="-1"><em>Same</em></h2>' in marked
    assert "<h3>Small</h3>" in marked


def test_contents_let_no_markup_through() -> None:
    marked, contents = with_contents(to_html("## <script>x</script> & “q”\n\nend"))
    assert "<script" not in marked
    assert [entry.words for entry in contents] == ["<script>x</script> & “q”"]


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("path", [LIST, f"{LIST}second/"])
def test_pages_are_drawn_once(instructor_client: Client, path: str) -> None:
    instructor_client.get(path)
    with CaptureQueriesContext(connection) as queries:
        instructor_client.get(path)
    assert len(queries) == 3  # session, user, version


# --- Files -------------------------------------------------------------------------------------


def test_committed_files_are_what_the_shipped_content_says() -> None:
    """After a change of the content: `python manage.py write_teacher_docs`."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert committed == files_of()


def test_command_writes_published_pages_and_takes_away_its_own_old_files(
    pages: dict[str, TeacherPage], tmp_path: Path
) -> None:
    (tmp_path / "gone.md").write_text("Written by `manage.py write_teacher_docs`: x", "utf-8")
    (tmp_path / "mine.md").write_text("By hand.", "utf-8")
    call_command("write_teacher_docs", folder=tmp_path, verbosity=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "about.md",
        "mine.md",
        "second.md",
        "third.md",
    ]
    text = (tmp_path / "second.md").read_text("utf-8")
    assert text.startswith("# Guide two\n\n*A page for teachers, from the content of this site")
    assert "between-the-blocs/second" in text.split("\n\n")[1]
    assert text.endswith(f"{pages['second'].body}\n")
    assert is_written_here(text)


@pytest.mark.usefixtures("pages")
def test_no_rows_are_no_files(tmp_path: Path) -> None:
    TeacherPage.objects.all().delete()
    folder = tmp_path / "teachers"
    call_command("write_teacher_docs", folder=folder, verbosity=0)
    assert files_of() == {}
    assert not folder.exists()


def test_two_pages_with_one_address_are_refused(
    pages: dict[str, TeacherPage], tmp_path: Path
) -> None:
    module = pages["about"].module
    module.pk, module.key, module.slug = None, "other", "other"
    module.save()
    TeacherPage.objects.create(
        module=module,
        key="x",
        slug="about",
        status="published",
        order=1,
        title="x",
        body="x",
    )
    with pytest.raises(CommandError, match="about"):
        call_command("write_teacher_docs", folder=tmp_path, verbosity=0)
