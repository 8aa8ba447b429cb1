"""What every admin of content does: bump the version, keep keys, protect what is referred to."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.admin import ContentAdmin, ReadOnlyAdmin
from lessons.core.content import content_models
from lessons.core.models import ContentVersion, MistakeReport, PublishedModel, Status
from lessons.documents.models import Passage, Person, Reference, Term
from tests.core.editing import act, address, delete, save_as_it_stands, typed
from tests.core.test_content import Write, loaded, write

__all__ = ["address", "loaded", "save_as_it_stands", "typed", "write"]
pytestmark = pytest.mark.django_db

CONTENT_ADMINS = [
    registered
    for registered in admin.site._registry.values()
    if isinstance(registered, ContentAdmin)
]
READ_ONLY = {
    "attempt",
    "attemptitem",
    "delivery",
    "deliveryexception",
    "draft",
    "itemtally",
    "mark",
    "markingkey",
    "progress",
    "questionrevision",
    "response",
}

MORE = """
- model: documents.place
  fields: {key: moscow, name: Moscow, latitude: '55.75', longitude: '37.6', certainty: accepted}
- model: documents.route
  fields: {key: way, title: A way, certainty: accepted}
- model: documents.mapline
  fields:
    {key: line, title: A line, note: Drawn., points: [[34, 74], [35, 75]], certainty: inferred}
- model: documents.term
  fields: {key: bloc, slug: bloc, term: bloc, definition: A group., certainty: accepted}
- model: documents.event
  fields: {key: visit, title: A visit, date: 1955-12-01, known_to: [public], certainty: accepted}
- model: documents.sourcecard
  fields:
    {key: card, slug: card, title: A card, genre: letter, who_to_whom: one to another,
     date: 1958-06-01, kept_where: London, says: Something., limits: Much., known_to: [ussr],
     certainty: documented, reference: [letter]}
- model: guided.module
  fields: {key: m, slug: m, title: M, question: 'Why?', introduction: Read., document: [talk]}
- model: guided.lesson
  fields: {module: [m], key: l, slug: l, order: 1, title: L, focus: 'Who?', aims: One, minutes: 20}
- model: guided.teacherpage
  fields: {module: [m], key: t, slug: t, order: 1, title: T, body: Teach.}
- model: guided.step
  fields:
    {lesson: [m, l], key: s, slug: s, order: 1, kind: quiz, title: S, minutes: 5, quiz: [letter],
     passages: [[talk, p1]]}
- model: quizzes.question
  fields:
    {key: why, kind: open, prompt: 'Why?', skill: sourcing, hint: Read., explanation: So.,
     strong_answer: Much.}
- model: quizzes.criterion
  fields: {question: [why], key: c, title: Reasons}
- model: quizzes.level
  fields:
    {criterion: [why, c], key: '1', order: 1, title: weak, description: None.,
     score: '0', sample: No.}
- model: quizzes.level
  fields:
    {criterion: [why, c], key: '2', order: 2, title: fair, description: One.,
     score: '0.5', sample: So.}
- model: quizzes.level
  fields:
    {criterion: [why, c], key: '3', order: 3, title: good, description: Two.,
     score: '1', sample: Yes.}
"""


def values(obj: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(obj, f.attname) for f in obj._meta.concrete_fields}


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root", password="a long enough pass phrase")


@pytest.fixture
def root(client_of: Any, superuser: User) -> Client:
    client: Client = client_of(superuser)
    return client


@pytest.fixture
def whole(loaded: Write) -> None:
    """At least one row of every model that has an admin of its own."""
    from lessons.core import content

    loaded("guided/more.yaml", text=MORE)
    content.load()


def test_every_model_of_content_is_registered_or_an_inline_of_one() -> None:
    inlines = {inline.model for one in CONTENT_ADMINS for inline in one.inlines}
    registered = {one.model for one in CONTENT_ADMINS}
    assert set(content_models()) - inlines - registered == set()


def test_every_admin_of_content_can_be_searched_and_filtered() -> None:
    assert [type(one).__name__ for one in CONTENT_ADMINS if not one.search_fields] == []
    assert [type(one).__name__ for one in CONTENT_ADMINS if not one.list_filter] == []


@pytest.mark.parametrize("of", CONTENT_ADMINS, ids=lambda of: of.opts.label_lower)
def test_save_bumps_the_version_and_changes_nothing_unasked(
    of: ContentAdmin, whole: None, root: Client
) -> None:
    row = of.model._base_manager.order_by("pk").first()
    before, version = values(row), ContentVersion.current()
    answer = save_as_it_stands(root, row)
    assert answer.status_code == 302
    assert ContentVersion.current() > version
    assert values(of.model._base_manager.get(pk=row.pk)) == before


@pytest.mark.parametrize("of", CONTENT_ADMINS, ids=lambda of: of.opts.label_lower)
def test_shipped_content_is_saved_as_it_stands(of: ContentAdmin, root: Client) -> None:
    row = of.model._base_manager.order_by("-pk").first()
    if row is None:
        pytest.skip("none is shipped")
    before = values(row)
    assert save_as_it_stands(root, row).status_code == 302
    assert values(of.model._base_manager.get(pk=row.pk)) == before


def test_delete_bumps_the_version(whole: None, root: Client) -> None:
    """Each model's rows in turn, from what refers to what is referred to."""
    deleted = []
    for model in reversed(content_models()):
        of = admin.site._registry.get(model)
        if not isinstance(of, ContentAdmin):
            continue
        for row in model._base_manager.all():
            version = ContentVersion.current()
            answer = delete(root, row)
            if not of.deleted_here:
                assert answer.status_code == 403
                continue
            assert answer.status_code == 302, model
            assert ContentVersion.current() == version + 1
            deleted.append(model._meta.model_name)
    assert sorted(set(deleted)) == sorted(
        one.opts.model_name for one in CONTENT_ADMINS if one.deleted_here
    )


@pytest.mark.parametrize(
    "of",
    [one for one in CONTENT_ADMINS if issubclass(one.model, PublishedModel)],
    ids=lambda of: of.opts.label_lower,
)
def test_actions_bump_the_version_and_write_history(
    of: ContentAdmin, whole: None, root: Client
) -> None:
    row = of.model._base_manager.order_by("pk").first()
    for action, status in (
        ("retire", Status.RETIRED),
        ("publish", Status.PUBLISHED),
        ("unpublish", Status.DRAFT),
    ):
        version, lines = ContentVersion.current(), row.history.count()
        answer = act(root, [row], action, why=f"To {action} it.")
        assert answer.status_code == 302
        row.refresh_from_db()
        assert row.status == status
        assert ContentVersion.current() == version + 1
        assert row.history.count() == lines + 1
        last = row.history.first()
        assert last.history_user.username == "root"
        assert last.history_change_reason == f"To {action} it."
    # What is so already is not changed again.
    act(root, [row], "unpublish")
    assert (ContentVersion.current(), row.history.count()) == (version + 1, lines + 1)


def test_bulk_deletion_bumps_the_version(whole: None, root: Client) -> None:
    term, version = Term.objects.get(), ContentVersion.current()
    act(root, [term], "delete_selected", why="Twice.")
    assert Term.objects.count() == 0
    last = Term.history.first()
    assert (last.history_type, last.history_change_reason, last.history_user.username) == (
        "-",
        "Twice.",
        "root",
    )
    assert ContentVersion.current() == version + 1


def test_key_is_never_changed(whole: None, root: Client) -> None:
    term = Term.objects.get()
    answer = save_as_it_stands(root, term, key="other", term="the bloc")
    assert answer.status_code == 302
    term.refresh_from_db()
    assert (term.key, term.term) == ("bloc", "the bloc")


def test_key_of_an_inline_is_never_changed(whole: None, root: Client) -> None:
    passage = Passage.objects.get(key="p2")
    changes = {"passages-1-key": "other", "passages-1-label": "Second"}
    assert save_as_it_stands(root, passage.document, **changes).status_code == 302
    passage.refresh_from_db()
    assert (passage.key, passage.label) == ("p2", "Second")


def test_invalid_form_is_drawn_again_with_422(whole: None, root: Client) -> None:
    term, version = Term.objects.get(), ContentVersion.current()
    answer = save_as_it_stands(root, term, term="", definition="Typed with care.")
    assert answer.status_code == 422
    assert "Typed with care." in answer.content.decode()
    assert ContentVersion.current() == version


def test_delete_of_what_is_referred_to_names_what_refers(whole: None, root: Client) -> None:
    person, version = Person.objects.get(), ContentVersion.current()
    answer = delete(root, person)
    assert answer.status_code == 200
    assert "cannot be deleted while these point at it" in answer.content.decode()
    assert ContentVersion.current() == version
    assert Person.objects.count() == 1


def test_history_page_has_no_inline_style(whole: None, root: Client) -> None:
    answer = root.get(address(Reference.objects.get(key="frus"), "history"))
    assert answer.status_code == 200
    assert "style=" not in answer.content.decode()


# --- Learners' work and readers' reports -------------------------------------------------------


def test_learners_work_is_read_only() -> None:
    read_only = [one for one in admin.site._registry.values() if isinstance(one, ReadOnlyAdmin)]
    assert {one.opts.model_name for one in read_only} >= READ_ONLY
    request: Any = None
    allowed = [
        one.opts.model_name
        for one in read_only
        if one.has_add_permission(request)
        or one.has_change_permission(request)
        or one.has_delete_permission(request)
    ]
    assert allowed == []


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_pages_of_learners_work(name: str, root: Client) -> None:
    app = "guided" if name == "progress" else "quizzes"
    assert root.get(reverse(f"admin:{app}_{name}_changelist"), {"q": "x"}).status_code == 200
    assert root.get(reverse(f"admin:{app}_{name}_add")).status_code == 403


@pytest.fixture
def report(db: None) -> MistakeReport:
    return MistakeReport.objects.create(
        subject="note", subject_key="talk/p1", address="/documents/talk/", body="It was 1957."
    )


def test_editor_answers_and_closes_a_report(report: MistakeReport, editor_client: Client) -> None:
    answer = save_as_it_stands(editor_client, report, answer="Put right.", closed="on", body="No.")
    assert answer.status_code == 302
    report.refresh_from_db()
    assert (report.answer, report.body) == ("Put right.", "It was 1957.")
    assert report.closed_at is not None


def test_editor_closes_and_reopens_reports(report: MistakeReport, editor_client: Client) -> None:
    page = reverse("admin:core_mistakereport_changelist")
    editor_client.post(page, {"action": "close", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert report.closed_at is not None
    editor_client.post(page, {"action": "reopen", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert report.closed_at is None


def test_admin_is_for_staff(
    student_client: Client, visitor_client: Client, instructor_client: Client
) -> None:
    for client in (student_client, visitor_client, instructor_client):
        assert client.get(reverse("admin:index")).status_code == 302
        assert client.get(reverse("admin:documents_term_changelist")).status_code == 302
