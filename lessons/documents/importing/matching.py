"""Whom and what of a draft the site knows already, and whether the fields fit."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from lessons.documents.models import Document, Person, Term

from .draft import Draft, Guess, PersonDraft, Remark, Sure
from .proposing import same_name, surname


def match(draft: Draft) -> None:
    """Take people and terms for those the site has, propose a slug, cut what does not fit."""
    _fit(draft)
    known = [
        (key, name, [name, *other.replace("(", ";").split(";")])
        for key, name, other in Person.objects.exclude(status="retired").values_list(
            "key", "name", "other_names"
        )
    ]
    for person in draft.people:
        _match_person(person, known)
    terms = {
        term.casefold(): key
        for key, term in Term.objects.exclude(status="retired").values_list("key", "term")
    }
    for term in draft.terms:
        term.existing = terms.get(term.term.casefold(), "")
    base = slugify(f"{draft.value('short_title')} {draft.value('date')}")
    day = draft.value("date")
    if day and slugify(draft.value("short_title")).endswith(day):
        base = slugify(draft.value("short_title"))
    draft.fields.setdefault(
        "slug", Guess(free_slug(base or "document"), Sure.GUESS, _("Made of title and date."))
    )


def free_slug(base: str) -> str:
    """The slug, with a number where it is taken as an address or a key."""
    base = base[:70].strip("-")
    taken = set(Document.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= set(Document.objects.filter(key__startswith=base).values_list("key", flat=True))
    return next(
        slug
        for slug in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
        if slug not in taken
    )


def _match_person(person: PersonDraft, known: list[tuple[str, str, list[str]]]) -> None:
    alike = [
        (key, name)
        for key, name, names in known
        if any(surname(each) == surname(person.name) for each in names if each.strip())
    ]
    same = [
        (key, name)
        for key, name, names in known
        if any(same_name(each, person.name) for each in names if each.strip())
    ]
    person.candidates = alike[:8]
    if len(same) == 1:
        person.existing = same[0][0]
        person.why = (person.why + " " + _("The site has “%s”.") % same[0][1]).strip()


def _fit(draft: Draft) -> None:
    for field in Document._meta.get_fields():
        limit = getattr(field, "max_length", None)
        guess = draft.fields.get(field.name)
        if guess and limit and len(guess.value) > limit:
            draft.remarks.append(
                Remark(
                    draft.source_start,
                    guess.value,
                    _("Too long for “%s”: it was cut.")
                    % getattr(field, "verbose_name", field.name),
                )
            )
            guess.value = guess.value[: limit - 1].rstrip() + "…"
            guess.sure = Sure.GUESS
