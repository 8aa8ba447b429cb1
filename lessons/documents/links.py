"""Where terms and people stand on the site, and the links in Markdown that lead there.

An editor writes `[the bloc](term:bloc)` or `[Noon](person:noon)`, with the row's key; `[¶4]` for a
paragraph of the document at hand, and `[its last words](passage:record-1958-04-19/14)` for one of
the document with that key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.urls import reverse

from lessons.core.markdown import resolves
from lessons.core.models import ContentVersion
from lessons.core.rendered import rendered, version_being_built

from .models import Document, Passage, Person, Term


@lru_cache(maxsize=1024)
def term_address(slug: str) -> str:
    return f"{reverse('documents:glossary')}#term-{slug}"


@lru_cache(maxsize=1024)
def person_address(slug: str) -> str:
    return reverse("documents:person", args=[slug])


@resolves("term")
def term_of_key(key: str) -> str | None:
    """The place of a published term, or None."""
    return _known()[0].get(key)


@resolves("person")
def person_of_key(key: str) -> str | None:
    """The page of a published person, or None."""
    return _known()[1].get(key)


Finder = Callable[[Mapping[str, Any]], str | None]
"""The captured parts of an address → the slug of the document that its page is about."""

_finders: list[Finder] = []
_at_hand: ContextVar[Callable[[], str | None] | None] = ContextVar("at hand", default=None)


def finds_document(finder: Finder) -> Finder:
    """Register how the addresses of a higher app tell which document their pages are about."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


@finds_document
def _of_its_own_page(kwargs: Mapping[str, Any]) -> str | None:
    slug = kwargs.get("slug")
    return slug if isinstance(slug, str) and slug in _passages()[1] else None


@contextmanager
def document_at_hand(find: Callable[[], str | None]) -> Iterator[None]:
    """While this holds, `[¶4]` is in the document whose slug `find` returns (asked if needed)."""
    token = _at_hand.set(find)
    try:
        yield
    finally:
        _at_hand.reset(token)


def found_by_address(kwargs: Mapping[str, Any]) -> str | None:
    """The slug of the document that a page of these captured parts is about, or None."""
    return next((slug for finder in _finders if (slug := finder(kwargs))), None)


@resolves("passage")
def passage_of_key(key: str) -> str | None:
    """The place of a numbered paragraph in the whole text of its published document, or None.

    Without a document at hand, a number alone is a paragraph of the only one there is.
    """
    by_key, by_slug = _passages()
    document, _slash, number = key.rpartition("/")
    if document:
        return by_key.get(document, {}).get(number)
    find = _at_hand.get()
    slug = find() if find else None
    if slug is None and len(by_slug) == 1:
        (slug,) = by_slug
    return by_slug.get(slug or "", {}).get(number)


Places = dict[str, dict[str, str]]


def _passages() -> tuple[Places, Places]:
    """The addresses of numbered paragraphs, by the document's key and by its slug."""
    version = version_being_built()
    return rendered(
        ("addresses of passages",),
        ContentVersion.current() if version is None else version,
        _read_passages,
    )


def _read_passages() -> tuple[Places, Places]:
    by_key: Places = {}
    by_slug: Places = {}
    for document in Document.objects.published():
        page = reverse("documents:document", args=[document.slug])
        places = {
            str(passage.number): f"{page}#{passage.anchor}"
            for passage in Passage.objects.filter(document=document, number__isnull=False)
        }
        by_key[document.key] = by_slug[document.slug] = places
    return by_key, by_slug


def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Addresses by key of terms and of people: two queries a content version.

    One more for each text with such links that is rendered outside of `rendered`, which knows its
    version.
    """
    version = version_being_built()
    return rendered(
        ("addresses of terms and people",),
        ContentVersion.current() if version is None else version,
        lambda: (
            {
                key: term_address(slug)
                for key, slug in Term.objects.published().values_list("key", "slug")
            },
            {
                key: person_address(slug)
                for key, slug in Person.objects.published().values_list("key", "slug")
            },
        ),
    )
