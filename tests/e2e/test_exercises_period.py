"""Lesson 7 in one period: thirty learners split over it, and their teacher sees just how, timed.

The teacher and two students are in browsers; twenty-eight more join and answer over plain HTTP,
all at once. What the reports say is compared with what was answered, number by number.
"""

import csv
import http.cookiejar
import re
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from tests.guided.reading import form

from .conftest import Clock, Site
from .lesson import enter, option_number, question
from .test_class_period import join_by_typing, make_class, tab, take_away
from .test_exercises import FIRST, FRAME, NONE, NOTICE, REPLIES, REPORT, VOICES, answers

Contexts = Callable[..., BrowserContext]
LINES = "Between the lines"
LEARNERS = 30
IN_BROWSERS = ("Amara Obi", "Ben Thorn")
AT_ONCE = 8
ASKING = (1, 2, 4, 5, 7, 8, 9, 12)  # places of the cards that await a reply
TOPICS = (
    "The letter",
    "The pact",
    "The air route, and Delhi first",
    "“Trying to convince”",
    "A personal opinion",
    "The request",
)
DOES = ("keep", "soften", "leave out")
STANCES = ("Nothing was said to it", "Something was said", "It was answered elsewhere")


@dataclass(frozen=True)
class Plan:
    """What learner `number` answers."""

    number: int

    @property
    def name(self) -> str:
        first = LEARNERS - len(IN_BROWSERS)
        return (
            IN_BROWSERS[self.number - first]
            if self.number >= first
            else f"Student {self.number:02}"
        )

    @property
    def replies(self) -> list[str]:
        said = [reply for _card, reply in REPLIES]
        said[1] = NONE if self.number % 2 else "answered in ¶5"  # halves over Soviet aid
        said[7] = (NONE, "answered in ¶12", "answered in ¶13")[self.number % 3]
        said[0] = NONE if self.number < 4 else said[0]
        return said

    @property
    def voices(self) -> list[str]:
        said = list(VOICES[0][1])
        said[0] = REPORT if self.number < 10 else FRAME
        said[4] = FIRST if self.number % 5 == 0 else REPORT
        return said

    @property
    def stance(self) -> str:
        return STANCES[self.number % 3]

    @property
    def does(self) -> list[int]:
        return [(self.number * place) % 3 for place in range(len(TOPICS))]

    @property
    def cable(self) -> str:
        return f"Cable number {self.number}. " + "He spoke of aircraft and of Delhi. " * 12


PLANS = [Plan(number) for number in range(LEARNERS)]


@dataclass
class Client:
    """A learner without a browser: the forms that a browser would send."""

    site: str
    opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.site + path, timeout=60) as response:
            return str(response.read().decode())

    def send(self, page: str, action: str, fields: dict[str, str]) -> str:
        """Fill the form of `page` that posts to `action`; where it leads to."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, action
        own = form(page, action) if f'action="{action}' in page else {}  # else it posts to itself
        sent = own | fields | {"csrfmiddlewaretoken": token[1]}
        body = urllib.parse.urlencode(sent, doseq=True).encode()
        request = urllib.request.Request(self.site + action, body)
        request.add_header("Referer", self.site + action)
        with self.opener.open(request, timeout=60) as response:
            response.read()
            return urlsplit(response.url).path


def label_value(page: str, label: str) -> str:
    """The value of the radio button with this label."""
    found = re.search(rf'value="(\d+)"[^>]*><label[^>]*>{re.escape(label)}', page)
    assert found, label
    return found[1]


def join(client: Client, code: str, name: str) -> None:
    address = f"/join/{code}/"
    page = client.get(f"/accounts/sign-up/?next={address}")
    account = {"username": f"s-{uuid.uuid4().hex[:10]}", "password": "a long enough pass phrase"}
    assert client.send(page, "/accounts/sign-up/", account | {"next": address}) == address
    assert client.send(client.get(address), address, {"roster_name": name}) == "/me/"


def work(client: Client, base: str, plan: Plan) -> None:
    """All four answers of one learner, sent as forms."""
    lanes = f"{base}two-lanes/"
    page = client.get(lanes)
    targets = [NONE, *(f"answered in ¶{n}" for n in range(1, 15))]
    chosen = zip(ASKING, plan.replies, strict=True)
    fields = {f"q1-reply-{place}": str(targets.index(said)) for place, said in chosen}
    client.send(page, f"{lanes}questions/1/", fields)
    stance = {"q2-choice": label_value(page, plan.stance), "q2-text": "¶8 answers only ¶7."}
    client.send(client.get(lanes), f"{lanes}questions/2/", stance)

    words = f"{base}whose-words/"
    voices = list(enumerate(plan.voices))
    order = (FRAME, REPORT, FIRST, "quoted phrase", "editor's insertion")
    fields = {f"q1-voice-{place}": str(order.index(said)) for place, said in voices}
    client.send(client.get(words), f"{words}questions/1/", fields)

    cable = f"{base}the-other-cable/"
    fields = {f"q1-does-{place}": str(does) for place, does in enumerate(plan.does)}
    fields |= {f"q1-motive-{place}": "Karachi need not know." for place in range(len(TOPICS))}
    client.send(client.get(cable), f"{cable}questions/1/", fields | {"q1-text": plan.cable})


def work_in_browser(page: Page, base: str, plan: Plan) -> None:
    page.goto(f"{base}two-lanes/")
    for select, said in zip(answers(page, 1).locator("select").all(), plan.replies, strict=True):
        select.select_option(index=option_number(select, said))
    question(page, 1).get_by_role("button", name="Check").click()
    expect(question(page, 1).locator("[name$='-tries']")).to_have_value("1")
    answers(page, 2).get_by_label(plan.stance).check()
    answers(page, 2).get_by_label("Your reason").fill("¶8 answers only ¶7.")
    question(page, 2).get_by_role("button", name="Keep my answer").click()
    expect(question(page, 2)).to_contain_text("The record cannot decide.")
    page.goto(f"{base}whose-words/")
    groups = answers(page, 1).get_by_role("radiogroup").all()
    for group, said in zip(groups, plan.voices, strict=True):
        group.get_by_label(said).check()
    question(page, 1).get_by_role("button", name="Check").click()
    expect(question(page, 1).locator("[name$='-tries']")).to_have_value("1")
    page.goto(f"{base}the-other-cable/")
    for topic, does in zip(answers(page, 1).locator(".topic").all(), plan.does, strict=True):
        topic.get_by_label(DOES[does], exact=True).check()
        topic.get_by_label("Your motive").fill("Karachi need not know.")
    page.get_by_label("Your cable", exact=True).fill(plan.cable)
    page.get_by_role("button", name="Hand in this answer").click()
    expect(question(page, 1)).to_contain_text("Compare your answer")


def begin(page: Page) -> str:
    page.goto("/me/")
    row = page.locator(".my-classes li", has_text=LINES)
    row.get_by_role("link", name=re.compile("^Begin")).click()
    return urlsplit(page.url).path.split("lessons/")[0] + "lessons/between-the-lines/"


def expected() -> Iterator[tuple[str, Counter[str]]]:
    """Card → how many gave each answer, as the plans have it; labels as they begin."""
    for place, (card, _reply) in enumerate(REPLIES):
        yield card, Counter(plan.replies[place] for plan in PLANS)
    yield "No reply to the offer in ¶6", Counter(plan.stance for plan in PLANS)
    for place, topic in enumerate(TOPICS):
        yield topic, Counter(DOES[plan.does[place]] for plan in PLANS)
    yield "“Hussein said”", Counter(plan.voices[0] for plan in PLANS)
    yield "“The government of Pakistan has", Counter(plan.voices[4] for plan in PLANS)


def reported(path: Path) -> dict[str, Counter[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row["Card"], Counter())[row["Answer"]] = int(row["Given by"])
    return found


def test_thirty_learners_split_and_their_teacher_sees_just_how(
    page: Page, new_context: Contexts, site: Site, tmp_path: Path, clock: Clock
) -> None:
    teacher = page
    enter(teacher, "instructor")
    code = make_class(teacher)
    over_http = PLANS[: -len(IN_BROWSERS)]
    clients = [Client(site.url) for _plan in over_http]
    browsers = [new_context().new_page() for _name in IN_BROWSERS]
    with clock.part(f"{len(clients)} join over HTTP, two by typing the code"):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda c, p: join(c, code, p.name), clients, over_http))
        for browser, name in zip(browsers, IN_BROWSERS, strict=True):
            join_by_typing(browser, code, name)

    with clock.part("give out lesson 7"):
        teacher.get_by_role("link", name="Give out work").click()
        teacher.get_by_role("link", name=re.compile(f"Give out this lesson ?: {LINES}")).click()
        teacher.get_by_role("button", name="Give it out").click()
        expect(teacher.get_by_text("is given out.")).to_be_visible()
    with clock.part(f"{len(clients)} answer lanes, stance, voices and cable over HTTP"):
        base = begin(browsers[0])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda c, p: work(c, base, p), clients, over_http))
    with clock.part("two answer in browsers"):
        for browser, plan in zip(browsers, PLANS[-len(IN_BROWSERS) :], strict=True):
            work_in_browser(browser, base, plan)

    with clock.part("where the class splits, and its table as a file"):
        teacher.get_by_role("link", name=LINES, exact=True).first.click()
        tab(teacher, "Where the class splits", "assignment")
        expect(teacher.locator(".talk ol > li")).to_have_count(3)
        with teacher.expect_download() as download:
            teacher.get_by_role("link", name="Download as CSV").click()
        download.value.save_as(tmp_path / "splits.csv")
    found = reported(tmp_path / "splits.csv")
    for card, counts in expected():
        (own,) = (rows for label, rows in found.items() if label.startswith(card))
        given = Counter({code: n for code, n in own.items() if n})
        assert {
            code: sum(n for o, n in given.items() if o.startswith(code)) for code in counts
        } == (dict(counts)), card
        assert sum(given.values()) == LEARNERS, card
    for name in (plan.name for plan in PLANS):
        expect(teacher.locator("main")).not_to_contain_text(name)

    with clock.part("project the three most divided cards, count hands for one"):
        for number in range(3):
            teacher.locator(".talk ol > li").nth(number).get_by_role("link").first.click()
            expect(teacher.locator(".projected")).not_to_contain_text("accepted")
            teacher.get_by_role("link", name="All cards").click()
        teacher.goto(teacher.url.replace("exercises/", "exercises/split/"))
        card = teacher.locator(".projected h2").inner_text()
        rows = teacher.locator(".votes tbody tr")
        given = [row.locator("td").first.inner_text() for row in rows.all()]
        teacher.get_by_text("Count hands for a second vote").click()
        hands = [25, *[1] * (rows.count() - 1)]
        for place, count in enumerate(hands):
            teacher.locator(f"#hands-{place}").fill(str(count))
        teacher.get_by_role("button", name="Keep the second vote").click()
        expect(teacher.locator(".messages")).to_contain_text("The second vote is kept.")
        expect(teacher.locator(".projected h2")).to_have_text(card)
        assert [row.locator("td").nth(0).inner_text() for row in rows.all()] == given
        assert [row.locator("td").nth(1).inner_text() for row in rows.all()] == [
            str(count) for count in hands
        ]
    with clock.part("a student sees where the class and the editor differ"):
        browsers[0].goto(f"{base.split('lessons/')[0]}answers/")
        expect(browsers[0].locator(".split")).not_to_have_count(0)
        lanes = browsers[0].locator(".split", has_text="Kashmir could be solved")
        expect(lanes).to_have_count(0)  # a second try at the lanes is open
        topic = browsers[0].locator(".split", has_text="The pact")
        expect(topic).to_contain_text("Nothing is right or wrong here.")

    with clock.part("mark one cable of thirty from the queue"):
        tab(teacher, "Marking")
        row = teacher.get_by_role("row").filter(has_text="You are Hussein")
        expect(row).to_contain_text(str(LEARNERS))
        row.get_by_role("link").first.click()
        expect(teacher.locator("h1")).to_have_text(f"Answer 1 of {LEARNERS}")
        expect(teacher.locator("main")).to_contain_text(NOTICE)
        for criterion in teacher.locator("fieldset.criterion").all():
            criterion.locator("input[type=radio]").last.check()
        teacher.get_by_role("button", name=re.compile("^Save")).click()
        expect(teacher.locator(".messages")).to_contain_text("Marked.")
    with clock.part("gradebook, as a file"):
        tab(teacher, "Gradebook")
        with take_away(teacher, "CSV", tmp_path).open(encoding="utf-8-sig", newline="") as file:
            names = {row[0] for row in csv.reader(file) if row}
    assert {plan.name for plan in PLANS} <= names
