"""Pages for teachers: the lessons' guides and what is said about the whole module."""

import html
import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from lessons.core.markdown import to_html
from lessons.core.models import Status
from lessons.core.rendered import rendered

from .models import Module, TeacherPage

_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A line of a page's contents; `anchor` is the heading's id."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Guide:
    """A page for teachers, drawn."""

    slug: str
    title: str
    is_draft: bool
    lesson_slug: str
    """Empty for a page about the module."""
    lesson_title: str
    lesson_order: int
    body: SafeString
    contents: tuple[Entry, ...]


@dataclass(frozen=True)
class ModuleGuides:
    module_slug: str
    module_title: str
    lessons: tuple[Guide, ...]
    """In the order of the lessons."""
    others: tuple[Guide, ...]

    @property
    def all(self) -> tuple[Guide, ...]:
        return self.lessons + self.others


def guides_of(module: str, version: int, *, drafts: bool) -> ModuleGuides | None:
    """The pages of a module, drawn once a content version; None where there is no such module.

    An editor (`drafts`) sees pages, lessons and modules that are not published as well.
    """

    def build() -> ModuleGuides | None:
        found = Module.objects.filter(slug=module).exclude(status=Status.RETIRED).first()
        if found is None or not (drafts or found.is_published):
            return None
        pages = [_guide(page) for page in teacher_pages(drafts=drafts).filter(module=found)]
        return ModuleGuides(
            found.slug,
            found.title,
            tuple(page for page in pages if page.lesson_slug),
            tuple(page for page in pages if not page.lesson_slug),
        )

    return rendered(("guides", module, drafts), version, build)


def teacher_pages(*, drafts: bool = False) -> QuerySet[TeacherPage]:
    """Pages for teachers: the lessons' in their order, then the others in theirs."""
    pages = TeacherPage.objects.exclude(status=Status.RETIRED).select_related("module", "lesson")
    if not drafts:
        pages = TeacherPage.objects.published().select_related("module", "lesson")
        pages = pages.filter(Q(lesson=None) | Q(lesson__status=Status.PUBLISHED))
        pages = pages.filter(module__status=Status.PUBLISHED)
    return pages.order_by("module__order", "module__key", "lesson__order", "order", "key")


def _guide(page: TeacherPage) -> Guide:
    body, contents = with_contents(to_html(page.body))
    return Guide(
        slug=page.slug,
        title=page.title,
        is_draft=not page.is_published,
        lesson_slug=page.lesson.slug if page.lesson else "",
        lesson_title=page.lesson.title if page.lesson else "",
        lesson_order=page.lesson.order if page.lesson else 0,
        body=body,
        contents=contents,
    )


def with_contents(body: SafeString) -> tuple[SafeString, tuple[Entry, ...]]:
    """Cleaned HTML with an id on each second-level heading, and the list of them."""
    entries: list[Entry] = []
    taken: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        words = html.unescape(strip_tags(found[1])).strip()
        stem = anchor = f"s-{slugify(words) or len(entries) + 1}"
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{stem}-{number}"
        taken.add(anchor)
        entries.append(Entry(anchor, words))
        return format_html('<h2 id="{}" tabindex="-1">{}</h2>', anchor, mark_safe(found[1]))  # noqa: S308

    marked = _HEADING.sub(mark, body)
    return mark_safe(marked), tuple(entries)  # noqa: S308  # cleaned before, ids are slugs


# --- The same text as files -------------------------------------------------------------------

SOURCE = (
    "*A page for teachers, from the content of this site (module “{module}”, "
    "`guided.teacherpage` {key}). Written by `manage.py write_teacher_docs`: change the content, "
    "not this file.*"
)


class SlugTaken(Exception):
    """Two pages would be written to one file."""


def files_of() -> dict[str, str]:
    """File name → text of every published page for teachers.

    Raises SlugTaken where pages of two modules have one address.
    """
    files: dict[str, str] = {}
    for page in teacher_pages():
        name = f"{page.slug}.md"
        if name in files:
            raise SlugTaken(page.slug)
        source = SOURCE.format(module=page.module.title, key="/".join(page.natural_key()))
        files[name] = f"# {page.title}\n\n{source}\n\n{page.body.strip()}\n"
    return files


def is_written_here(text: str) -> bool:
    """Whether a file was written from the content, and not by hand."""
    return "`manage.py write_teacher_docs`" in text
