"""What admin's pages need in the running site: python -m tests.e2e.seed_admin prints it as JSON.

A superuser's session, a row of every registered model with a moment of its history, drafts, and a
document that was deleted.
"""

import json
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib import admin  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import models  # noqa: E402

from lessons.accounts.models import User  # noqa: E402
from lessons.core import changes  # noqa: E402
from lessons.core.edits import edit  # noqa: E402
from lessons.core.models import ContentModel  # noqa: E402
from lessons.documents.models import Document, Term  # noqa: E402
from lessons.quizzes.models import Question  # noqa: E402
from tests.registered import MODELS, label, make_drafts, make_work  # noqa: E402


def session_of(user: User) -> str:
    """A session in which the user is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def moment_of(row: models.Model) -> int | None:
    """The number of a moment in the row's history, where it has one and can be brought back."""
    if not isinstance(row, ContentModel) or not admin.site._registry[type(row)].restorable:  # type: ignore[attr-defined]
        return None
    for change in changes.TimeLine(type(row), row.pk, models_shown=[type(row)])[:1]:
        return change.address
    return None


def deleted(by: User) -> dict[str, int]:
    with edit(by=by, why="Made."):
        term = Term.objects.create(
            key="gone", slug="gone", term="gone", definition="Gone.", certainty="accepted"
        )
    pk, moment = term.pk, moment_of(term)
    with edit(by=by, why="A slip."):
        term.delete()
    assert moment is not None
    return {"pk": pk, "moment": moment}


def main() -> dict[str, object]:
    root = User.objects.create_superuser("root-of-admin", display_name="Root")
    learner = User.objects.create_user("reader-of-admin", display_name="Noor")
    make_work(learner)
    with edit(by=root, why="To be finished."):
        drafts = make_drafts()
    before = moment_of(Document.objects.get(pk=drafts[label(Document)]))
    with edit(by=root, why="Other words."):
        draft = Document.objects.get(pk=drafts[label(Document)])
        draft.headnote = "Not yet, and soon."
        draft.save()
    live = Document.objects.filter(status="published").earliest("pk")
    rows = {label(model): model._base_manager.order_by("pk")[0] for model in MODELS}
    rows |= {label(Document): live}
    answered = Question.objects.filter(attempt_items__isnull=False).order_by("pk")[0]
    return {
        "session": {"name": settings.SESSION_COOKIE_NAME, "value": session_of(root)},
        "learner": learner.pk,
        "rows": {name: row.pk for name, row in rows.items()} | {label(Question): answered.pk},
        "moments": {
            name: moment for name, row in rows.items() if (moment := moment_of(row)) is not None
        },
        "drafts": drafts,
        "before": before,
        "kinds": dict(Question.objects.order_by("-pk").values_list("kind", "pk")),
        "deleted": deleted(root),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
