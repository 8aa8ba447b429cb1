"""Questions as HTML, drawn anew for every reader.

They are the part of a page that cannot be drawn once for many (tokens, order, answers, feedback),
so their templates are Jinja's, which runs them some ten times faster than Django's
(docs/decisions/0008). Texts are translated and escaped as everywhere else.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lessons.core.markdown import to_html, to_inline_html
from lessons.core.rendered import rendered
from lessons.core.sheets import Sheet, gap

from .kinds import kind_of
from .kinds.base import Answer, Face, Key, Reveal
from .models import Confidence, Question
from .sittings import ItemView, Sitting

FEW_LINES = 5
"""More lines than this have so many orders that hardly two readers would share a drawing."""

SKILLS: dict[str, Any] = dict(Question.Skill.choices)


class QuizPage(Protocol):
    """What a page that holds a quiz tells its questions."""

    reader: str

    @property
    def sitting(self) -> Sitting | None: ...

    @property
    def total(self) -> int: ...

    @property
    def address(self) -> str: ...

    @property
    def anchors(self) -> frozenset[str]:
        """The ids of the passages on the page, which a question may link to."""

    def action(self, name: str, **kwargs: object) -> str: ...


@lru_cache(maxsize=256)
def document_address(slug: str) -> str:
    return reverse("documents:document", args=[slug])


@lru_cache(maxsize=2048)
def report_address(question: str, page_address: str) -> str:
    """Where a mistake in this question is reported."""
    query = {"subject": "question", "key": question, "address": page_address}
    return f"{reverse('core:report')}?{urlencode(query)}"


def points_text(value: Decimal) -> str:
    """Points rounded once, to two places at most and without idle zeros: 4, 3.5, 2.67."""
    return number_format(format(value.quantize(Decimal("0.01")).normalize(), "f"), use_l10n=True)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=settings.DEBUG,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "markdown": to_html,
        "markdown_inline": to_inline_html,
        "linebreaksbr": linebreaksbr,
        "points": points_text,
        "truncatewords": lambda text, count: Truncator(text).words(count),
    }
    environment.globals |= {
        "confidences": Confidence.choices,
        "document_address": document_address,
    }
    return environment


ENVIRONMENT = _environment()


def _draw(template: str, **context: Any) -> SafeString:
    return mark_safe(ENVIRONMENT.get_template(template).render(context))  # noqa: S308  # escaped there


def draw_question(item: ItemView, page: QuizPage, csrf_token: str, version: int = 0) -> SafeString:
    """A practice question with a form of its own.

    Readers who have its lines in the same order, and have all answered alike or not at all, see
    the same. That drawing is kept under the content `version`, with gaps for what the form
    carries; anything a reader wrote is drawn anew.
    """
    lines = _lines(item) if kind_of(item.kind).shuffles else ()
    state = item.shared_state
    if state is None or len(lines) > FEW_LINES:
        return _question(item, page, csrf_token)
    place = (page.action("question", position=item.position), page.total, item.position)

    def build() -> Sheet:
        return Sheet.of(_question(BlankItem(item), BlankPage(page), gap("csrf")))

    sheet = rendered(("question", item.digest, place, lines, state, item.shut), version, build)
    return mark_safe(  # noqa: S308  # numbers, and values of our own making
        sheet.fill(
            {
                "csrf": csrf_token,
                "reader": page.reader,
                "seed": str(item.seed),
                "uuid": str(item.client_uuid),
            }
        )
    )


def _lines(item: ItemView) -> tuple[str, ...]:
    """What this reader's order of the lines is, in words."""
    shown = item.presentation
    return (*(choice.label for choice in shown.choices), *shown.targets)


def _question(item: Any, page: Any, csrf_token: str) -> SafeString:
    return _draw(
        "quizzes/_question.jinja",
        item=item,
        page=page,
        csrf_token=csrf_token,
        skill=SKILLS.get(item.face["skill"], ""),  # a preview may have none yet
        report=report_address(item.face["question"], page.address),
    )


class BlankItem:
    """A question with gaps for the values its form carries."""

    def __init__(self, item: ItemView) -> None:
        self._item = item
        self.seed = gap("seed")
        self.client_uuid = gap("uuid")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._item, name)


class BlankPage:
    """A page with a gap for its reader."""

    def __init__(self, page: QuizPage) -> None:
        self._page = page
        self.reader = gap("reader")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page, name)


def draw_practice(page: QuizPage, csrf_token: str, version: int = 0) -> SafeString:
    """Every question of a practice quiz and, after the last, the way to answer them again."""
    sitting = page.sitting
    if sitting is None:
        return SafeString()
    drawn = [draw_question(item, page, csrf_token, version) for item in sitting.items]
    if sitting.submitted and not sitting.shut:
        drawn.append(_draw("quizzes/_again.jinja", page=page, csrf_token=csrf_token))
    return mark_safe("".join(drawn))  # noqa: S308  # escaped in each


def draw_body(item: ItemView, page: QuizPage) -> SafeString:
    """A question inside the form of a graded quiz."""
    return _draw("quizzes/_body.jinja", item=item, closed=False, anchors=page.anchors)


def draw_answers(item: ItemView) -> SafeString:
    """Only the lines to choose from or write on, closed: for a quiz that was handed in."""
    return _draw(item.template, shown=item.presentation, closed=True)


def draw_choices(face: Face, answer: Answer, *, seed: int, prefix: str) -> SafeString:
    """The controls of a question with an answer put down, and nothing said of it."""
    kind = kind_of(str(face["kind"]))
    shown = kind.present(face, seed=seed, prefix=prefix, answer=answer)
    return _draw(f"quizzes/kinds/{face['kind']}.jinja", shown=shown, closed=False)


def draw_solution(face: Face, key: Key, *, seed: int) -> SafeString:
    """The lines of a question with the first of its right answers put down, and what is said."""
    kind = kind_of(str(face["kind"]))
    answer = next(iter(kind.perfect_answers(key)), None)
    shown = kind.present(face, seed=seed, prefix="right", answer=answer, key=key, reveal=Reveal.ALL)
    return _draw(f"quizzes/kinds/{face['kind']}.jinja", shown=shown, closed=True)


def draw_rubric(item: ItemView, page: QuizPage, csrf_token: str) -> SafeString:
    """The rubric of a written answer, for the learner to compare with."""
    return _draw("quizzes/_rubric.jinja", item=item, page=page, csrf_token=csrf_token)
