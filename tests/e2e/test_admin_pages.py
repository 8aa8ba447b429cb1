"""Every page of admin: clean for axe, in light and dark, on a phone and on a desk."""

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from lessons.quizzes.models import Question
from tests.documents.importing.samples import LETTER, VOLUME
from tests.registered import MODELS, Model, label, patterns, place

from .conftest import ROOT, Site, Watch
from .test_accessibility import assert_no_sideways_scrolling

Axe = Callable[..., None]
Places = dict[str, Any]
DOCUMENT = "documents.document"
APPS = sorted({model._meta.app_label for model in MODELS})
LOOKS = [("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)]
OF_A_LOOK = (
    "color-contrast", "link-in-text-block",  # the scheme's
    "scrollable-region-focusable", "target-size",  # the width's
)  # fmt: skip
"""The rules whose answers differ between two looks of the same elements."""
OF_A_MODEL = {"changelist", "add", "change", "delete", "history", "restore"}
OTHERS = {
    "index", "login", "password_change", "password_change_done", "app_list",
    "content-files", "auth_user_password_change",
    "documents_document_import", "documents_document_import_review",
    "documents_document_import_choose",
    "quizzes_question_import_gift", "quizzes_question_review_gift",
    "quizzes_question_export_gift",
    "quizzes_question_preview", "quizzes_question_preview_new",
}  # fmt: skip
"""Pages that a test below opens by name or by their buttons."""
NO_PAGES = {
    "logout": "a form that posts",
    "jsi18n": "a script",
    "autocomplete": "data",
    "view_on_site": "leads on",
    "content-files-download": "a file",
    "documents_passagetext_words": "a part of a form",
    "documents_document_import_drop": "a form that posts",
    None: "leads on",
}


@pytest.fixture(scope="module")
def places(site: Site) -> Places:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment.pop("DATABASE_URL", None)
    environment |= {"ENVIRONMENT": "demo", "DATA_DIR": str(site.data)}
    environment["DJANGO_SETTINGS_MODULE"] = "coldwar.settings"
    command = [sys.executable, "-m", "tests.e2e.seed_admin"]
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    found: Places = json.loads(made.stdout)
    return found


@pytest.fixture
def root(page: Page, context: BrowserContext, site: Site, places: Places) -> Page:
    """A superuser's window."""
    context.add_cookies([{**places["session"], "url": site.url}])
    return page


Look = Callable[..., None]


@pytest.fixture
def look(root: Page, axe: Axe) -> Look:
    """What is asked of every page, of the one that is open.

    Each page has each scheme and each width once; its neighbour has the other two looks. Every rule
    is asked in the first look, on a desk and on a phone by turns: names, roles and order are the
    same in both, and what is drawn at one width alone, the frame around the page, is in all pages.
    With `turn`, a number, a page has one look of the four: for those that are drawn by one template
    and one sheet for every model, and differ in words alone, so that the models have each by turns.
    """
    pairs = itertools.cycle([LOOKS[:2], LOOKS[2:]])
    root.emulate_media(reduced_motion="reduce")  # colours on their way are no colours

    def check(*, turn: int | None = None) -> None:
        looks = next(pairs) if turn is None else [LOOKS[turn % 4]]
        for (scheme, width), rules in zip(looks, ((), OF_A_LOOK), strict=False):
            root.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            root.set_viewport_size({"width": width, "height": 800})
            axe(root, *rules)
            assert_no_sideways_scrolling(root)
        assert root.evaluate(HEADINGS) == 1, f"{root.url}: one visible h1"
        assert root.evaluate(UNSEEN_FOCUS) == [], f"{root.url}: a focus that is not seen"

    return check


HEADINGS = (
    """() => [...document.querySelectorAll("h1")].filter(el => el.checkVisibility()).length"""
)
# One element of each kind: hundreds of fields look alike.
UNSEEN_FOCUS = """() => {
  const kinds = new Map();
  for (const el of document.querySelectorAll(
      "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
    if (el.checkVisibility() && !el.disabled)
      kinds.set([el.tagName, el.type, el.className, el.parentElement.className].join(), el);
  }
  const before = document.activeElement;
  const unseen = [...kinds.values()].filter(el => {
    el.focus({focusVisible: true, preventScroll: true});
    if (document.activeElement !== el) return false;
    const style = getComputedStyle(el);
    return style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2;
  }).map(el => el.outerHTML.slice(0, 120));
  before?.focus({preventScroll: true});
  return unseen;
}"""


def addresses(model: Model, places: Places) -> Iterator[tuple[str, bool]]:
    """The pages of a model's rows: one that is live, and a draft where there is one.

    With each, whether every model's is drawn by the same template.
    """
    of, name = places["rows"][label(model)], label(model)
    changelist = reverse(place(model, "changelist"))
    yield changelist, False
    yield f"{changelist}?q=nothing+is+called+so", True
    yield reverse(place(model, "add")), False
    for pk in (of, places["drafts"].get(name)):
        if pk is not None:
            yield reverse(place(model, "change"), args=[pk]), False
            yield reverse(place(model, "delete"), args=[pk]), True
    yield reverse(place(model, "history"), args=[of]), True
    if moment := places["moments"].get(name):
        yield reverse(place(model, "restore"), args=[of, moment]), True


def test_every_address_of_admin_is_looked_at() -> None:
    of_models = {place(m, page).removeprefix("admin:") for m in MODELS for page in OF_A_MODEL}
    names = {pattern.name for _route, pattern in patterns()}
    assert names - of_models == OTHERS | NO_PAGES.keys()


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_pages_of_a_model_are_clean(
    model: Model, root: Page, look: Look, places: Places, watch: Watch
) -> None:
    watch.expect("status of 403")  # what is only looked at has no form to add or delete
    for number, (address, alike) in enumerate(addresses(model, places)):
        answer = root.goto(address)
        assert answer is not None
        assert answer.status in (200, 403), address
        if answer.status == 200:
            look(turn=MODELS.index(model) + number if alike else None)


KINDS = Question.Kind.values


@pytest.mark.parametrize("kind", KINDS)
def test_forms_of_a_kind_of_question_are_clean(
    kind: str, root: Page, look: Look, places: Places
) -> None:
    root.goto(f"{reverse('admin:quizzes_question_add')}?kind={kind}")
    look()
    root.goto(reverse("admin:quizzes_question_change", args=[places["kinds"][kind]]))
    look()


def test_first_pages_and_account_pages_are_clean(
    root: Page, look: Look, places: Places, watch: Watch
) -> None:
    person = [places["learner"]]
    for address in (
        reverse("admin:index"),
        *(reverse("admin:app_list", args=[app]) for app in APPS),
        reverse("admin:password_change"),
        reverse("admin:password_change_done"),
        reverse("admin:content-files"),
        reverse("admin:auth_user_password_change", args=person),
        reverse("guided:person-erase", args=person),
        f"{reverse('admin:documents_annotation_changelist')}?status__exact=published&core=1",
    ):
        root.goto(address)
        look()
    root.goto(reverse("guided:person-erase", args=person))
    root.locator("#username").fill("somebody else")
    root.locator("main form.form button").click()
    expect(root.locator("#erase-error")).to_be_visible()
    look()
    root.context.clear_cookies()
    root.goto(reverse("admin:index"))
    look()  # the sign-in


def test_pages_of_the_past_are_clean(root: Page, look: Look, places: Places) -> None:
    gone, draft = places["deleted"], places["drafts"]["documents.document"]
    for address in (
        reverse("admin:documents_term_history", args=[gone["pk"]]),
        reverse("admin:documents_term_restore", args=[gone["pk"], gone["moment"]]),
        reverse("admin:documents_document_history", args=[draft]),
        reverse("admin:documents_document_restore", args=[draft, places["before"]]),
        reverse("admin:documents_document_restore", args=[draft, 0]),
    ):
        root.goto(address)
        look()


def choose(root: Page, model: str, action: str, rows: int = 2) -> None:
    """Tick the first rows of a list and ask for an action."""
    root.set_viewport_size({"width": 1280, "height": 800})
    root.goto(reverse(f"admin:{model}_changelist"))
    for box in root.locator(".action-select").all()[:rows]:
        box.check()
    root.locator("select[name=action]").select_option(action)
    root.locator("button[name=index]").click()
    root.wait_for_load_state()


def test_pages_that_ask_before_many_rows_are_changed_are_clean(root: Page, look: Look) -> None:
    for action in ("unpublish", "retire", "delete_selected"):
        choose(root, "quizzes_question", action)
        look()
    choose(root, "guided_lesson", "unpublish")
    root.locator("#action_form input[type=submit]").click()  # without a reason
    expect(root.locator(".errornote")).to_be_visible()
    look()
    choose(root, "quizzes_question", "export_gift")
    look()


def test_refused_and_overtaken_forms_are_clean(
    root: Page, look: Look, places: Places, new_context: Callable[..., BrowserContext], site: Site
) -> None:
    root.goto(f"{reverse('admin:quizzes_question_add')}?kind=single")
    root.locator("input[name=_save]").first.click()
    expect(root.locator(".error-summary")).to_be_visible()
    look()
    address = reverse("admin:documents_document_change", args=[places["drafts"][DOCUMENT]])
    root.set_viewport_size({"width": 1280, "height": 800})
    root.goto(address)
    context = new_context()
    context.add_cookies([{**places["session"], "url": site.url}])
    other = context.new_page()
    other.goto(address)
    other.locator("#id_headnote").fill("Hers.")
    other.locator("input[name=_continue]").first.click()
    expect(other.locator(".messagelist .success")).to_be_visible()
    root.locator("#id_headnote").fill("Mine.")
    root.locator("input[name=_continue]").first.click()
    expect(root.locator(".conflicts")).to_be_visible()
    look()


def test_previews_are_clean(root: Page, look: Look, places: Places) -> None:
    for pk in places["kinds"].values():
        root.goto(reverse("admin:quizzes_question_preview", args=[pk]))
        look()


def test_pages_of_an_import_are_clean(root: Page, look: Look) -> None:
    start = reverse("admin:documents_document_import")
    root.goto(start)
    look()
    send = root.locator("#content form .default")
    send.click()
    expect(root.locator(".error-summary, .errornote")).to_be_visible()
    look()
    root.locator("#id_text").fill(LETTER)
    send.click()
    root.wait_for_url(re.compile("/import/[0-9a-f-]{36}/$"))
    look()
    root.goto(start)
    root.locator("#id_text").fill(VOLUME)
    send.click()
    root.wait_for_url(re.compile("/choose/$"))
    look()


BANK = """
// A comment.
::Base:: What was asked? {=Which bases ~None ~All #Read it again.}

::Essay:: Why? {}

::Range:: How many? {#1..9}
"""


def test_pages_of_a_bank_are_clean(root: Page, look: Look) -> None:
    root.goto(reverse("admin:quizzes_question_import_gift"))
    look()
    send = root.locator("#content form button.default")
    send.click()
    expect(root.locator(".error-summary, .errornote").first).to_be_visible()
    look()
    root.locator("#id_text").fill(BANK)
    send.click()
    root.wait_for_url(re.compile("/review/$"))
    look()


def test_error_pages_are_clean(root: Page, look: Look, watch: Watch, places: Places) -> None:
    watch.expect("Failed to load resource")
    for address, status in (
        (reverse("admin:quizzes_mark_add"), 403),
        (reverse("admin:documents_term_history", args=[10**9]), 404),
        ("/admin/no/such/page/", 404),
        ("/admin/documents/term/?q=%00", 400),
    ):
        answer = root.goto(address)
        assert answer is not None
        assert answer.status == status
        look()
    for status, spoil in (
        (413, "form.elements.headnote.value = 'x'.repeat(2 ** 21)"),
        (403, "form.elements.csrfmiddlewaretoken.value = ''"),
    ):
        root.goto(reverse("admin:documents_document_change", args=[places["drafts"][DOCUMENT]]))
        root.evaluate(f"() => {{ const form = document.querySelector('#document_form'); {spoil} }}")
        with root.expect_navigation() as sent:
            root.locator("input[name=_save]").first.click()
        assert sent.value is not None
        assert sent.value.status == status
        look()
