"""Taking an answer from a posted form, and drawing it again when it is refused."""

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from lessons.accounts.learners import same_reader

from .domain import Stale, WorkRefused
from .kinds.base import MAX_TEXT, InvalidAnswer
from .sittings import ItemView, words_of

Refusal = InvalidAnswer | WorkRefused

OTHER_READER = _(
    "This page was opened by another reader, or before you signed in. Nothing was stored. "
    "Reload the page, or sign in again, and send your answer then."
)


def require_same_reader(request: HttpRequest) -> None:
    """Raises Stale for a form that was drawn for somebody else than who posts it."""
    if not same_reader(request):
        raise Stale(str(OTHER_READER))


def status_of(refusal: Refusal) -> int:
    """422 for what is no answer, 409 for what no longer fits what is stored."""
    return 422 if isinstance(refusal, InvalidAnswer) else 409


def show_refusal(view: ItemView, data: QueryDict, refusal: Refusal) -> None:
    """Make `view` draw why nothing was stored, and what was sent."""
    view.error = refusal.message
    if isinstance(refusal, InvalidAnswer):
        try:
            view.typed = view.read(data, partial=True).answer
        except (InvalidAnswer, WorkRefused):
            view.typed = None
    if view.typed is None:
        view.sent = _sent_words(view, data)


def _sent_words(view: ItemView, data: QueryDict) -> str:
    """The whole answer that was sent, in words; where that cannot be told, its text as it came."""
    try:
        return words_of(view.face, view.read(data, partial=True).answer)
    except (InvalidAnswer, WorkRefused):
        return data.get(f"{view.prefix}-text", "")[:MAX_TEXT].replace("\0", "")


def sent_levels(view: ItemView, data: QueryDict) -> dict[str, str]:
    """The rubric levels in a posted self-assessment, by criterion key."""
    prefix = f"{view.prefix}-level-"
    return {
        name.removeprefix(prefix): data.get(name, "") for name in data if name.startswith(prefix)
    }


def draft_refusal(refusal: Refusal, stored: ItemView | None) -> dict[str, str | int]:
    """What drafts.js is told: why, and for a stale page what is stored and after how many saves."""
    told: dict[str, str | int] = {"message": refusal.message}
    if isinstance(refusal, Stale) and stored is not None and stored.draft is not None:
        told |= {"stored": words_of(stored.face, stored.draft.answer), "saves": stored.saves}
    return told
