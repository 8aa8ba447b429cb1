"""Checks of what points elsewhere: links, anchors, ¶ numbers, and rows readers do not see."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from lessons.core.footnotes import LABEL, PASSAGE, definitions, make_parser, order
from lessons.core.models import ContentModel, PublishedModel
from lessons.documents.models import PassageText

from .content import Content, texts_of
from .findings import Finding, error

_markdown = make_parser()
# Every scheme is a link here, so that those which a page would drop are seen.
_markdown.validateLink = bool  # type: ignore[assignment]

PARAGRAPHS = re.compile(
    r"¶{1,2}\s?(\d+(?:\s?[–-]\s?\d+)?(?:(?:, | and | or |, and )\d+(?:[–-]\d+)?)*)"
)
WEB = frozenset({"http", "https", "mailto"})
FIXED = frozenset({"text", "questions", "cite", "after-notes", "main"})
"""Ids that pages have whatever they show."""


def hrefs(markdown: str) -> Iterator[str]:
    """The address of each link of a Markdown text, in order."""
    for block in _markdown.parse(markdown):
        for token in block.children or ():
            if token.type == "link_open":
                yield str(token.attrs["href"])


def odd_footnotes(markdown: str) -> Iterator[tuple[str, bool]]:
    """(label, whether its words are missing) of marks without a footnote, and the other way."""
    env: dict[str, Any] = {}
    blocks = _markdown.parse(markdown, env)
    defined, named = definitions(env), order(env)
    for words in list(defined.values()):
        _markdown.parseInline(words, env)
    for block in blocks:
        for token in block.children or ():
            if token.type == "text":
                yield from ((label, True) for label in re.findall(LABEL, token.content))
    yield from ((label, False) for label in defined if label not in named)


def paragraph_numbers(text: str) -> Iterator[int]:
    """The numbers that "¶3", "¶1–3" and "¶3, 8 and 9" name, in order; of a range both ends."""
    for match in PARAGRAPHS.finditer(text):
        yield from (int(number) for number in re.findall(r"\d+", match[1]))


class Targets:
    """What a link can lead to."""

    def __init__(self, content: Content) -> None:
        self.content = content

    @cached_property
    def schemes(self) -> dict[str, set[str]]:
        content = self.content
        return {
            "term": {term.key for term in content.terms},
            "person": {person.key for person in content.people},
            "place": {place.key for place in content.places},
            "event": {event.key for event in content.events},
            # Numbers alone are judged where ¶ is, in whatever words it stands.
            PASSAGE: {str(number) for number in range(10_000)}
            | {f"{p.document.key}/{p.number}" for p in content.passages if p.number},
            "card": {card.key for card in content.source_cards},
        }

    @cached_property
    def slugs(self) -> dict[str, set[str]]:
        """By the name of the page: what its first slug can be."""
        content = self.content
        documents = {document.slug for document in content.documents}
        lessons = {lesson.slug for lesson in content.lessons}
        return {
            "documents:document": documents,
            "documents:provenance": documents,
            "documents:person": {person.slug for person in content.people},
            "guided:module": {module.slug for module in content.modules},
            "guided:teacher-page-list": {module.slug for module in content.modules},
            "guided:lesson": lessons,
            "guided:handout": lessons,
            "guided:findings": lessons,
        }

    @cached_property
    def pairs(self) -> dict[str, set[tuple[str, str]]]:
        """By the name of the page: what its two slugs can be."""
        return {
            "guided:step": {
                (lesson.slug, step.slug)
                for lesson in self.content.lessons
                for step in lesson.steps.all()
            },
            "guided:teacher-page": {
                (page.module.slug, page.slug) for page in self.content.teacher_pages
            },
        }

    @cached_property
    def anchors(self) -> set[str]:
        """The ids that pages give to passages, notes, cards and the rest, whatever page it is."""
        content = self.content
        anchors = {passage.anchor for passage in content.passages}
        anchors |= {f"n-{note.text.passage.anchor}-{note.key}" for note in content.notes}
        anchors |= {f"card-{card.key}" for card in content.source_cards}
        anchors |= {f"ref-{reference.key}" for reference in content.references}
        anchors |= {f"term-{term.slug}" for term in content.terms}
        anchors |= {f"place-{place.key}" for place in content.places}
        anchors |= {f"e-{event.key}" for event in content.events}
        return anchors | FIXED

    def leads_nowhere(self, href: str) -> bool:
        """True for an address of this site, or a key, that does not exist.

        Pages whose slugs these tables do not list are taken to exist if their address resolves.
        """
        try:
            parts = urlsplit(href)
        except ValueError:  # http://[
            return True
        if parts.scheme in self.schemes:
            return unquote(parts.path) not in self.schemes[parts.scheme]
        if parts.scheme:
            return parts.scheme not in WEB
        if parts.netloc:
            return False
        if parts.path and not self._is_page(unquote(parts.path)):
            return True
        return bool(parts.fragment) and unquote(parts.fragment) not in self.anchors

    def _is_page(self, path: str) -> bool:
        try:
            match = resolve(path)
        except Resolver404:
            return False
        slugs = [str(value) for value in match.kwargs.values()]
        if match.view_name in self.pairs and len(slugs) == 2:
            return (slugs[0], slugs[1]) in self.pairs[match.view_name]
        if match.view_name in self.slugs and len(slugs) == 1:
            return slugs[0] in self.slugs[match.view_name]
        return True


def links(content: Content) -> Iterator[Finding]:
    """Markdown links to pages, anchors and keys that do not exist, and ¶ that no document has."""
    targets = Targets(content)
    for row in content.rows():
        if isinstance(row, PassageText):
            continue
        for name, text in texts_of(row):
            for href in hrefs(text) if "](" in text or "<" in text else ():
                if targets.leads_nowhere(href):
                    yield error(
                        row,
                        _("Its %(field)s links to “%(href)s”, which does not exist.")
                        % {"field": _field(row, name), "href": href},
                        _("Mend the address, or take the link out."),
                    )
            for label, is_missing in odd_footnotes(text) if "[^" in text else ():
                words = (
                    _("Its %(field)s has the mark [^%(label)s] of a footnote that is not there.")
                    if is_missing
                    else _("Its %(field)s has the footnote [^%(label)s], which nothing names.")
                )
                yield error(
                    row,
                    words % {"field": _field(row, name), "label": label},
                    _("Write both: [^1] where it belongs, and [^1]: with its words below."),
                )
            for number in paragraph_numbers(text):
                if content.numbers and number not in content.numbers:
                    yield error(
                        row,
                        _("Its %(field)s names ¶%(n)s, which no document has.")
                        % {"field": _field(row, name), "n": number},
                        _("Give the number of a paragraph from %(first)s to %(last)s.")
                        % {"first": min(content.numbers), "last": max(content.numbers)},
                    )


def _field(row: ContentModel, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def hidden(content: Content) -> Iterator[Finding]:
    """What readers see that refers to rows which they do not: drafts, and what is retired."""
    for row, others in chain(_shown_by_pages(content), _shown_by_parts(content)):
        yield from (_unseen(row, other) for other in others if not other.is_published)
    for lesson in content.lessons:
        for step in lesson.steps.all():
            for passage in step.passages.all():
                if passage.pk not in content.passage_by_id:
                    yield error(
                        step,
                        _("It shows %(passage)s of a document that readers do not see.")
                        % {"passage": passage},
                        _("Publish the document, or take the passage out."),
                    )
    for question in content.questions:
        if question.text and question.text.passage_id not in content.passage_by_id:
            yield error(
                question,
                _("It is about %(passage)s of a document that readers do not see.")
                % {"passage": question.text.passage},
                _("Publish the document, or retire the question."),
            )


def _shown_by_pages(content: Content) -> Iterator[tuple[ContentModel, list[PublishedModel]]]:
    for module in content.modules:
        if module.is_published:
            yield module, [module.document]
    for page in content.teacher_pages:
        if page.is_published and page.lesson:
            yield page, [page.lesson]
    for lesson in content.lessons:
        for step in lesson.steps.all() if lesson.is_published else ():
            one = [step.quiz, step.earlier and step.earlier.lesson]
            many = [*step.source_cards.all(), *step.places.all(), *step.routes.all()]
            yield step, [*many, *(row for row in one if row)]


def _shown_by_parts(content: Content) -> Iterator[tuple[ContentModel, list[PublishedModel]]]:
    for quiz in content.quizzes:
        if quiz.is_published:
            yield quiz, [item.question for item in quiz.items.all()]
    for route in content.routes:
        if route.is_published:
            yield route, [stop.place for stop in route.stops.all()]


def _unseen(row: ContentModel, other: PublishedModel) -> Finding:
    return error(
        row,
        _("It refers to %(model)s [%(key)s], which is %(status)s: readers do not see it.")
        % {
            "model": other._meta.label_lower,
            "key": ", ".join(other.natural_key()),
            "status": other.get_status_display(),
        },
        _("Publish that, or take it out here."),
    )
