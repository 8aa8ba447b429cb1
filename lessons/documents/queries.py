"""Reading roads into the documents; each costs a constant number of queries."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from lessons.accounts.models import User
from lessons.core.models import Status

from .models import Annotation, Document, Participation, Passage, PassageText, ProvenanceLink


def may_preview(user: User | AnonymousUser) -> bool:
    """Whether this user sees drafts: editors do, readers never."""
    return bool(user.is_staff)


def documents_for(user: User | AnonymousUser) -> QuerySet[Document]:
    """The documents this user may read: all that are published, and for editors drafts too."""
    documents = Document.objects.exclude(status=Status.RETIRED)
    return documents if may_preview(user) else documents.published()


def with_edition(documents: QuerySet[Document]) -> QuerySet[Document]:
    """`documents` with their people and their provenance (3 more queries)."""
    people = Participation.objects.select_related("person")
    provenance = ProvenanceLink.objects.prefetch_related("references")
    return documents.prefetch_related(Prefetch("participations", queryset=people)).prefetch_related(
        Prefetch("provenance", queryset=provenance)
    )


def passages_for_reading(
    *,
    document: Document | None = None,
    passages: Iterable[int] | None = None,
    preview: bool = False,
) -> list[Passage]:
    """The passages of one document, or those with these primary keys, ready for `render_passages`.

    In document order. At most 7 queries, however many there are: the passages, their current
    texts, page turns, voice spans, notes, the notes' references, and the documents' people (not
    asked for again where `document` carries them, see `with_edition`). Only published notes are
    fetched; `preview` adds drafts.
    """
    if (document is None) == (passages is None):
        raise TypeError("Give either document= or passages=.")
    notes = Annotation.objects.exclude(status=Status.RETIRED)
    texts = PassageText.objects.filter(is_current=True).prefetch_related(
        "page_turns",
        "voicespans",
        Prefetch(
            "annotations",
            queryset=(notes if preview else notes.published())
            .select_related("term", "person")
            .prefetch_related("references"),
        ),
    )
    found = (
        Passage.objects.select_related("speaker")
        .prefetch_related(Prefetch("texts", queryset=texts))
        .order_by("document", "order")
    )
    if document is not None:
        mine = list(found.filter(document=document))
        for passage in mine:
            passage.document = document
        return mine
    speakers = Participation.objects.select_related("person")
    return list(
        found.filter(pk__in=list(passages or ()))
        .select_related("document")
        .prefetch_related(Prefetch("document__participations", queryset=speakers))
    )
