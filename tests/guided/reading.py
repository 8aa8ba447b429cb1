"""A reader's browser for tests: the forms of a page, and what they send back."""

import html
import re
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.guided.models import Step
from lessons.quizzes.models import Delivery
from lessons.quizzes.sittings import ItemView, load_sitting
from tests.quizzes.working import fields_of, right_answer, wrong_answers

SLUG = "the-letter-and-the-middle-position"
LESSON = f"/lessons/{SLUG}/"
PREVIEW = f"/work/preview/lessons/{SLUG}/"
STEPS = [
    "headnote",
    "what-is-this",
    "a-letter-arrives",
    "at-first-glance",
    "a-middle-position",
    "another-record",
    "in-your-own-words",
    "closing-quiz",
]
PRACTICE_STEPS = STEPS[1:-1]
CLOSING = f"{LESSON}closing-quiz/"
HTMX = {"HX-Request": "true"}


class Forms(HTMLParser):
    """Every form of a page: its action, and what it would send as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._form: dict[str, list[str]] | None = None
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form" and at.get("method") != "dialog":
            self._form = {}
            self.forms.append((at.get("action", ""), self._form))
        if self._form is None or "disabled" in at:
            return
        if tag == "input":
            chosen = at.get("type") not in {"radio", "checkbox"} or "checked" in at
            if chosen and at.get("name"):
                self._form.setdefault(at["name"], []).append(at.get("value", ""))
        elif tag == "select":
            self._select = at["name"]
            self._form[self._select] = [""]
        elif tag == "option" and "selected" in at:
            self._form[self._select] = [at.get("value", "")]
        elif tag == "textarea":
            self._area = at["name"]
            self._form[self._area] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form[self._area][0] += data.removeprefix("\n")


def form(page: str, action: str) -> dict[str, Any]:
    """What the one form that posts to `action` would send."""
    found = [fields for at, fields in Forms(page).forms if at.split("#")[0] == action]
    assert len(found) == 1, f"{len(found)} forms post to {action}"
    found[0].pop("csrfmiddlewaretoken", None)
    return dict(found[0])


def actions(page: str) -> list[str]:
    return [at.split("#")[0] for at, _fields in Forms(page).forms]


def text_of(page: str) -> str:
    """What is read there: without tags and entities, in single spaces and plain quotes."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"</?(p|div|li|ul|ol|dl|dt|dd|h\d|br|blockquote|label)\b[^>]*>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def body(response: Any) -> str:
    return str(response.content.decode())


def view_of(
    learner: User | None, step: str, position: int = 1, *, number: int | None = None
) -> ItemView:
    """The question of a step of the shipped lesson, as this learner has it now."""
    quiz = Step.objects.get(lesson__slug=SLUG, slug=step).quiz
    assert quiz is not None
    found = load_sitting(
        quiz=quiz,
        delivery=Delivery.objects.self_study(),
        learner=learner,
        version=ContentVersion.current(),
        number=number,
    ).at(position)
    assert found is not None
    return found


def key_of(view: ItemView) -> dict[str, Any]:
    from lessons.quizzes.models import Question
    from lessons.quizzes.revisions import key_of, questions_with_parts

    return key_of(questions_with_parts(Question.objects.filter(key=view.face["question"])).get())


def right(view: ItemView) -> dict[str, Any]:
    return right_answer(view.face, key_of(view))


def wrong(view: ItemView, which: int = 0) -> dict[str, Any]:
    return wrong_answers(view.face, key_of(view))[which]


def question_address(step: str, position: int = 1, base: str = LESSON) -> str:
    return f"{base}{step}/questions/{position}/"


def put_down(page: str, action: str, view: ItemView, answer: dict[str, Any]) -> dict[str, Any]:
    """The form of one question on `page`, with `answer` put down by its reader."""
    fields = form(page, action)
    for name in list(fields):
        if re.fullmatch(rf"{view.prefix}-(choice|text|added|[a-z]+-\d+)", name):
            del fields[name]
    seed = int(fields[f"{view.prefix}-seed"][0])
    return {**fields, **fields_of(view.face, answer, seed=seed, prefix=view.prefix)}


def all_right(page: str, learner: User | None, step: str = "closing-quiz") -> dict[str, Any]:
    """The form of a graded quiz with every question answered right."""
    action = f"{LESSON}{step}/review/"
    fields = form(page, action)
    for position in positions(step):
        view = view_of(learner, step, position)
        filled = put_down(page, action, view, right(view))
        fields |= {name: filled[name] for name in filled if name.startswith(f"{view.prefix}-")}
    return fields


def answer(
    client: Client,
    learner: User | None,
    step: str,
    what: str | dict[str, Any] = "right",
    position: int = 1,
    **headers: Any,
) -> Any:
    """Open a step, put an answer down ("right", "wrong" or what is given), and check it."""
    view, action = view_of(learner, step, position), question_address(step, position)
    given = {"right": right, "wrong": wrong}[what](view) if isinstance(what, str) else what
    page = body(client.get(f"{LESSON}{step}/"))
    return client.post(action, put_down(page, action, view, given), **headers)


def positions(step: str) -> range:
    quiz = Step.objects.get(lesson__slug=SLUG, slug=step).quiz
    return range(1, (quiz.items.count() if quiz else 0) + 1)


def table_counts(*without: str) -> dict[str, int]:
    """How many rows each table has, sessions aside."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in {"accounts.Session", *without} and model._meta.managed
    }
