"""Where people, places, terms, references and passages are used, as far as documents know."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lessons.core.usage import Use, listed, tells_use

from .models import (
    Annotation,
    Document,
    Event,
    Passage,
    Person,
    Place,
    Reference,
    Route,
    SourceCard,
    Term,
)


@tells_use(Person)
def of_a_person(person: Person) -> Iterator[Use]:
    here = Document.objects.filter(participations__person=person).distinct()
    yield listed(_("Documents it takes part in"), here)
    yield listed(_("Passages it usually speaks in"), Passage.objects.filter(speaker=person))
    yield listed(_("Notes about the person"), Annotation.objects.filter(person=person))


@tells_use(Place)
def of_a_place(place: Place) -> Iterator[Use]:
    yield listed(_("Routes that pass it"), Route.objects.filter(stops__place=place).distinct())


@tells_use(Term)
def of_a_term(term: Term) -> Iterator[Use]:
    yield listed(_("Notes on the term"), Annotation.objects.filter(term=term))


@tells_use(Reference)
def of_a_reference(reference: Reference) -> Iterator[Use]:
    for title, model in (
        (_("Notes that cite it"), Annotation),
        (_("People it supports"), Person),
        (_("Places it supports"), Place),
        (_("Terms it supports"), Term),
        (_("Events it supports"), Event),
    ):
        yield listed(title, model._base_manager.filter(references=reference))
    yield listed(_("Source cards of it"), SourceCard.objects.filter(reference=reference))


@tells_use(Passage)
def of_a_passage(passage: Passage) -> Iterator[Use]:
    yield listed(_("Notes on it"), Annotation.objects.filter(text__passage=passage))
