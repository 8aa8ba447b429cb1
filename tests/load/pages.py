"""What a student's browser reads out of a page, and what the student puts into its forms."""

import random
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from lxml import html

SENTENCE = "a middle position"
CABLE = " ".join([SENTENCE] * 30)
"""Enough words for a cable, and not too many."""
TYPED = ("open", "short", "stance", "cable")
"""Kinds whose answers drafts.js saves while they are written."""


def files_of(page: str) -> list[str]:
    """Addresses of the style sheets, the scripts and the icon that a page asks for."""
    return re.findall(r'<(?:link|script)\b[^>]*?(?:href|src)="(/static/[^"]+)"', page)


def links_of(page: str) -> list[str]:
    return re.findall(r'<a\b[^>]*?href="([^"#]+)', page)


def fields_of(page: str, action: str) -> dict[str, str]:
    """What the form that posts to `action` sends as it stands."""
    for form in html.fromstring(page).forms:
        if form.action == action:
            return dict(form.form_values())
    raise ValueError(f"No form posts to {action}.")


class StepPage:
    """A step as it stands in the browser; htmx's answers are put into it."""

    def __init__(self, page: str) -> None:
        root = html.fromstring(page)
        (head,) = root.xpath("//*[@data-presence]")
        self.presence: str = head.get("data-presence")
        self.reader: str = head.get("data-reader")
        self.token: str = root.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        self.again: str = next(iter(root.xpath("//form[@class='again']/@action")), "")
        """Where to post to be asked the same questions again; empty where none is answered."""
        self.questions: dict[str, Question] = {}
        """The open ones, by prefix, in order."""
        self._take(root)

    def update(self, fragment: str, answered: str) -> None:
        del self.questions[answered]
        self._take(html.fromstring(f"<div>{fragment}</div>"))

    def _take(self, root: Any) -> None:
        for form in root.xpath("//form[@hx-post and @data-draft]"):
            question = Question(form)
            self.questions[question.prefix] = question
        (turn,) = root.xpath("//nav[@id='turn']")
        self.next: str = next(iter(turn.xpath(".//a[@rel='next']/@href")), "")
        self.finish: str = next(iter(turn.xpath(".//form/@action")), "")


class Question:
    def __init__(self, form: Any) -> None:
        self.form = form
        self.action: str = form.get("hx-post")
        self.draft: str = form.get("data-draft")
        self.kind: str = form.get("data-kind")
        (name,) = form.xpath(".//input[contains(@name, '-uuid')]/@name")
        self.prefix: str = name.removesuffix("-uuid")

    def filled_in(self, chance: random.Random) -> dict[str, str]:
        """Every control set to something; rows of selects to different things, as orders ask."""
        controls: dict[str, list[Any]] = {}
        for one in self.form.xpath(".//input | .//select | .//textarea"):
            controls.setdefault(one.get("name"), []).append(one)
        turned = chance.randrange(100)
        fields = {}
        for number, (name, same) in enumerate(controls.items()):
            kind = same[0].get("type", same[0].tag)
            if kind == "select":
                values = same[0].value_options[1:]  # the first says Choose…
                fields[name] = values[(turned + number) % len(values)]
            elif kind in ("radio", "checkbox"):
                fields[name] = chance.choice(same).get("value")
            elif kind == "hidden":
                fields[name] = same[0].get("value")
            else:
                is_cable = self.kind == "cable" and kind == "textarea"
                fields[name] = CABLE if is_cable else SENTENCE
        return fields


def not_stored_once(acknowledged: Iterable[str], stored: Iterable[str]) -> list[str]:
    """Keys of acknowledged answers that are not in the database exactly once."""
    counts = Counter(stored)
    return [key for key in acknowledged if counts[key] != 1]
