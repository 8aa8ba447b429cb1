"""Whether a question whose words were changed still asks the same: its editor says so.

Reports count revisions that are the same question together (`QuestionRevision.same_as`, always
the first of them). Nobody's answer moves: each stays with the words it was given to.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import ContentAdmin, ThisChange
from lessons.core.models import ContentVersion

from .models import AttemptItem, Question, QuestionRevision
from .revisions import content_digest, face_of, keep_revisions, questions_with_parts

WORDING, DIFFERENT = "wording", "different"


def was_asked(question_id: int) -> bool:
    """True once an attempt holds the question, in whatever words."""
    return AttemptItem.objects.filter(revision__question=question_id).exists()


def face_digest(question_id: int) -> str:
    """What is asked as the question stands, as the digest of its revision."""
    question = questions_with_parts(Question.objects.filter(pk=question_id)).get()
    return content_digest(face_of(question))


def asked_last(question_id: int) -> QuestionRevision | None:
    """The newest revision that anybody was asked."""
    asked = QuestionRevision.objects.filter(
        question=question_id, pk__in=AttemptItem.objects.values("revision")
    )
    return asked.order_by("-pk").first()


@transaction.atomic
def settle(*, question_id: int, same: bool, before: str = "") -> QuestionRevision:
    """Store what is asked now, as the same question as the one before or as another.

    `before` is the digest of the revision that it is a rewording of; where nobody was asked that,
    it is one of what was asked last.
    """
    question = questions_with_parts(Question.objects.filter(pk=question_id)).get()
    now = keep_revisions([question])[question_id]
    revisions = QuestionRevision.objects.filter(question=question_id)
    earlier = revisions.filter(digest=before).first() or asked_last(question_id)
    if same and earlier is not None:
        first = earlier.same_as_id or earlier.pk
        own = now.same_as_id or now.pk
        if first != own:
            revisions.filter(pk=own).update(same_as=first)
            revisions.filter(same_as=own).update(same_as=first)
    ContentVersion.bump()
    return revisions.get(pk=now.pk)


class QuestionChange(ThisChange):
    rewording = forms.ChoiceField(
        label=_("Learners have answered this question. If you change what is asked, is it"),
        choices=[
            (WORDING, _("wording only: it asks the same, and is counted together")),
            (DIFFERENT, _("a different question: it is counted anew")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )


class AsksRewording(ContentAdmin):
    """For the admin of questions."""

    this_change_form = QuestionChange

    def shape_change(self, change: ThisChange, obj: Any) -> None:
        if obj is None or not was_asked(obj.pk):
            del change.fields["rewording"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        request.asked_before = face_digest(obj.pk) if change else ""  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def asks(self, request: HttpRequest, obj: Any, change: ThisChange) -> list[str]:
        before: str = request.asked_before  # type: ignore[attr-defined]
        if "rewording" not in change.fields or before == face_digest(obj.pk):
            return []
        answer = change.cleaned_data["rewording"]
        if not answer:
            problem = gettext("Say whether you changed the wording only, or ask something else.")
            change.add_error("rewording", problem)
            return [problem]
        settle(question_id=obj.pk, same=answer == WORDING, before=before)
        return []
