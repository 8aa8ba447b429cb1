"""Where terms and people stand on the site, and the links in Markdown that lead there.

An editor writes `[the bloc](term:bloc)` or `[Noon](person:noon)`, with the row's key.
"""

from functools import lru_cache

from django.urls import reverse

from lessons.core.markdown import resolves
from lessons.core.models import ContentVersion
from lessons.core.rendered import rendered, version_being_built

from .models import Person, Term


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
