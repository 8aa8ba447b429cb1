"""Forms of admin as a browser sends them: read from the page, changed, and posted.

A form of content carries the version it opened, and one of a published row asks why and whether
one is sure; these helpers answer both, so that a test says only what it changes.
"""

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from django.db import models
from django.test import Client
from django.urls import reverse

KNOWINGLY = {"why": "For a test.", "sure": "on"}


class _Fields(HTMLParser):
    """The fields a browser with scripts would send from the form with this id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.found: dict[str, Any] = {}
        self.area: str | None = None
        self.select: str | None = None
        self.is_without_scripts = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        self.is_without_scripts = self.is_without_scripts or tag == "noscript"
        name = given.get("name") or ""
        if (
            not self.inside
            or self.is_without_scripts
            or "disabled" in given
            or "__prefix__" in name
        ):
            return
        if tag == "textarea":
            self.area = name
            self.found[name] = ""
        elif tag == "select":
            self.select = name
            if "multiple" in given:
                self.found[name] = []
        elif tag == "option" and self.select and "selected" in given:
            if isinstance(self.found.get(self.select), list):
                self.found[self.select].append(given.get("value") or "")
            else:
                self.found[self.select] = given.get("value") or ""
        elif tag == "input" and name and given.get("type") not in ("submit", "button"):
            if given.get("type") == "checkbox" and "checked" not in given:
                return
            value = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
            if name == "_selected_action":
                self.found.setdefault(name, []).append(value)
            elif given.get("type") != "radio" or "checked" in given:
                self.found[name] = value

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.found[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            # A browser drops the first newline and sends the others as CR LF.
            self.found[self.area] = self.found[self.area].removeprefix("\n").replace("\n", "\r\n")
            self.area = None
        elif tag == "noscript":
            self.is_without_scripts = False
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


def fields_of(page: str, form_id: str) -> dict[str, Any]:
    """What a browser sends when this form of a page is sent as it stands."""
    parser = _Fields(form_id)
    parser.feed(page)
    return parser.found


def typed(response: Any, form_id: str = "") -> dict[str, Any]:
    """What a browser sends when the form in `response` is sent as it stands.

    `form_id` is the form's id; empty, it is the change form.
    """
    name = form_id or f"{response.context['opts'].model_name}_form"
    return fields_of(response.content.decode(), name)


def address(obj: models.Model, page: str = "change") -> str:
    opts = obj._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[obj.pk])


def changelist(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def save(client: Client, obj: models.Model, **changes: Any) -> Any:
    """Open the row's form, change these fields, say why, and save."""
    page = client.get(address(obj))
    assert page.status_code == 200
    return client.post(address(obj), typed(page) | KNOWINGLY | changes)


save_as_it_stands = save


def delete(client: Client, obj: models.Model, **changes: Any) -> Any:
    """Open the page that asks, and confirm it; where it only says why not, that page."""
    page = client.get(address(obj, "delete"))
    sent = typed(page, "delete_form") if page.status_code == 200 else {}
    if not sent:
        return page
    return client.post(address(obj, "delete"), sent | KNOWINGLY | changes)


def act(client: Client, rows: Iterable[models.Model], action: str, **changes: Any) -> Any:
    """Choose an action for these rows, and confirm it on the page that asks, if one does."""
    rows = list(rows)
    where = changelist(type(rows[0]))
    page = client.post(where, {"action": action, "_selected_action": [row.pk for row in rows]})
    if page.status_code != 200:
        return page
    form = "delete_form" if action == "delete_selected" else "action_form"
    sent = typed(page, form)
    return client.post(where, sent | KNOWINGLY | changes) if sent else page
