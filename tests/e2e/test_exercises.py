"""Lesson 7 in a browser: by keyboard alone, without scripts, by finger, and to a screen reader."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .lesson import Keyboard, next_step, option_number, question, without_script
from .test_accessibility import in_every_look

Contexts = Callable[..., BrowserContext]

BASE = "/lessons/between-the-lines/"
STEPS = ("two-lanes", "whose-words", "the-other-cable")

NONE = "no reply recorded"
REPLIES = (
    ("A middle position", "answered in ¶5"),
    ("Kashmir could be solved", NONE),
    ("If Pakistan left the pact", NONE),
    ("An air service", "answered in ¶8"),
    ("Pakistan's government has concerns", NONE),
    ("Next year everything", NONE),
    ("A strong movement", "answered in ¶10"),
    ("Will Khrushchev use", "answered in ¶13"),
)
FRAME, REPORT, FIRST, QUOTED, EDITOR = (
    "recorder's frame",
    "third-person report",
    "first person left standing",
    "quoted phrase",
    "editor's insertion",
)
VOICES = (
    (1, (FRAME, REPORT, FRAME, EDITOR, REPORT, QUOTED, FIRST)),
    (2, (FRAME, REPORT, REPORT, FIRST, FRAME, FIRST)),
)
WARRANTS = ((3, "The record reports Hussein speaking"), (4, "The record has Hussein speak"))
EVIDENCE = ((3, "Hussein said letter"), (4, "In response to N. S. Khrushchev's"))
CLOSING = (
    "That no reply on the pact was written down",
    "The record has Khrushchev call the choice",
    "Pakistan was a member, and had been since 1955",
)
HANDS = (
    ("“added Hussein”", "The recorder's"),
    ("“[its]”", "An editor's, in our time"),
    ("“a position between", "A speaker's, as quoted"),
    ("“Hussein and Khrushchev discuss", "The archive's, for those who search"),
)
NOTICE = "Written by a student; no Pakistani record of this conversation has been found."
CABLE = "He spoke of aircraft and of Delhi. " * 12  # 84 words
MOTIVE = "Karachi need not know."


class Hand:
    """Goes through the lesson by clicks, or by taps, as a reader without a mouse's keys does."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tick(self, group: Locator, field: Locator) -> None:
        field.check()

    def select(self, field: Locator, option: str) -> None:
        field.select_option(index=option_number(field, option))

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def press(self, button: Locator) -> None:
        button.click()


class Keys(Hand):
    """Presses keys only."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.keyboard = Keyboard(page)

    def tick(self, group: Locator, field: Locator) -> None:
        if field.get_attribute("type") == "checkbox":
            self.keyboard.to(field)
            self.keyboard.key("Space")
        else:
            self.keyboard.choose(group.locator("input[type=radio]"), field)

    def select(self, field: Locator, option: str) -> None:
        self.keyboard.to(field)
        self.keyboard.key(*["ArrowDown"] * option_number(field, option))

    def write(self, field: Locator, text: str) -> None:
        self.keyboard.to(field)
        self.page.keyboard.insert_text(text)

    def press(self, button: Locator) -> None:
        self.keyboard.press(button)


def answers(page: Page, position: int) -> Locator:
    return question(page, position).locator("fieldset.answers")


class Walk:
    """The whole lesson, from its first step to its result."""

    def __init__(self, page: Page, hand: Hand, *, scripted: bool = True) -> None:
        self.page, self.hand, self.scripted = page, hand, scripted

    def whole(self) -> None:
        self.page.goto(f"{BASE}headnote/")
        for step, walk in zip(
            (*STEPS, "closing-quiz"), (self.lanes, self.voices, self.cable, self.quiz), strict=True
        ):
            self.hand.press(next_step(self.page))
            self.page.wait_for_url(f"**{BASE}{step}/")
            walk()

    def sent(self, position: int, words: str) -> None:
        """Send the answer; its explanation is there, and the focus at the head of its question."""
        place = question(self.page, position)
        self.hand.press(place.locator("form").first.locator("button[type=submit]"))
        expect(place).to_contain_text(words)
        if self.scripted:
            expect(place.locator("h2").first).to_be_focused()

    def ticked(self, position: int, label: str) -> None:
        place = answers(self.page, position)
        self.hand.tick(place, place.get_by_label(label))

    def lanes(self) -> None:
        for card, reply in REPLIES:
            line = answers(self.page, 1).locator("li", has_text=card)
            self.hand.select(line.locator("select"), reply)
        self.sent(1, "Half of the eight lines have a reply somewhere")
        self.ticked(2, "Nothing was said to it")
        reason = answers(self.page, 2).get_by_label("Your reason, in one sentence")
        self.hand.write(reason, "¶8 answers only ¶7.")
        self.sent(2, "The record cannot decide.")
        for position, sentence in EVIDENCE:
            self.ticked(position, sentence)
            self.sent(position, "Why")

    def voices(self) -> None:
        for (position, voices), words in zip(
            VOICES, ("Three hands show", "The only “I”"), strict=True
        ):
            groups = answers(self.page, position).get_by_role("radiogroup").all()
            for group, voice in zip(groups, voices, strict=True):
                self.hand.tick(group, group.get_by_label(voice))
            self.sent(position, words)
        for position, statement in WARRANTS:
            self.ticked(position, statement)
            self.sent(position, "Why")

    def cable(self) -> None:
        place = answers(self.page, 1)
        for group in place.locator(".topic").all():
            self.hand.tick(group, group.get_by_label("leave out"))
            self.hand.write(group.get_by_label("Your motive"), MOTIVE)
        self.hand.write(place.get_by_label("Your cable", exact=True), CABLE)
        self.sent(1, "only in theirs")
        expect(question(self.page, 1).locator(".notice")).to_have_text(NOTICE)
        rubric = question(self.page, 1).locator(".self-assessment")
        for criterion in rubric.locator("fieldset.criterion").all():
            self.hand.tick(criterion, criterion.locator("input[type=radio]").last)
        self.hand.press(rubric.get_by_role("button", name="Keep my view of it"))
        expect(rubric).to_contain_text("Kept")

    def quiz(self) -> None:
        self.hand.press(self.page.get_by_role("button", name="Start the quiz"))
        expect(self.page.locator("form.graded")).to_be_visible()
        self.ticked(1, CLOSING[0])
        for select in answers(self.page, 2).locator("select").all():  # as they stand, shuffled
            item = select.evaluate("el => el.labels[0].textContent.trim()")
            self.hand.select(select, next(to for start, to in HANDS if item.startswith(start)))
        self.ticked(3, CLOSING[1])
        self.ticked(4, CLOSING[2])
        self.hand.press(self.page.get_by_role("button", name="Check your answers"))
        expect(self.page.locator("dl.review")).to_contain_text(CLOSING[0])
        self.hand.press(self.page.get_by_role("button", name="Hand in"))
        expect(self.page.locator("#result")).to_contain_text("5 of 5 points")


def test_whole_lesson_by_keyboard_alone(page: Page) -> None:
    Walk(page, Keys(page)).whole()


def test_whole_lesson_without_scripts(new_context: Contexts) -> None:
    page = without_script(new_context)
    Walk(page, Hand(page), scripted=False).whole()
    page.goto(f"{BASE}whose-words/")
    page.get_by_role("link", name=QUOTED).click()
    assert page.url.endswith("?voice=quoted#text")
    assert page.locator(".one-voice .kept").all_inner_texts() == [
        "a position between the two blocs",
        "will exchange handshakes",
        "an exchange of handshakes",
    ]


TARGETS = """() => [...document.querySelectorAll(".question :is(input, select, button, textarea)")]
  .filter(el => el.type !== "hidden" && el.checkVisibility())
  .map(el => [el, ...(el.type === "radio" || el.type === "checkbox" ? el.labels : [])])
  .filter(all => !all.some(el => {
    const box = el.getBoundingClientRect();
    return box.height >= 24 && box.width >= 24;
  }))
  .map(all => all[0].outerHTML.slice(0, 120))"""


class Finger(Hand):
    """Taps, and looks whether what it taps is large enough and on the screen's width."""

    def tick(self, group: Locator, field: Locator) -> None:
        field.tap()
        expect(field).to_be_checked()

    def press(self, button: Locator) -> None:
        assert self.page.evaluate(TARGETS) == []
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        button.tap()


def test_whole_lesson_by_finger_on_a_small_phone(new_context: Contexts) -> None:
    context = new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    Walk(page, Finger(page)).whole()


@pytest.mark.parametrize("step", STEPS)
def test_exercise_is_clean_and_fits_a_phone(
    page: Page, axe: Callable[..., None], step: str
) -> None:
    page.goto(f"{BASE}{step}/")
    in_every_look(page, axe)


# --- What a screen reader meets -----------------------------------------------------------------


def test_lanes_say_each_card_its_speaker_and_what_is_asked(page: Page) -> None:
    page.goto(f"{BASE}two-lanes/")
    lanes = question(page, 1)
    expect(lanes).to_match_aria_snapshot(
        """
        - heading /Question 1 of 4/ [level=2]
        - group "Where is each of these eight lines answered, as far as the record shows?":
          - list:
            - listitem:
              - paragraph: /Khrushchev/
              - paragraph: Hears the words of Dulles in the letter
              - blockquote: expressions of Dulles and other figures had been used
        """
    )
    names = [
        select.evaluate("el => el.labels[0].textContent.trim()")
        for select in lanes.get_by_role("combobox").all()
    ]
    assert len(names) == 8
    assert len(set(names)) == 8
    assert names[1] == "Where is it answered? Kashmir could be solved with Soviet aid"


def test_voices_are_groups_named_by_their_words(page: Page) -> None:
    page.goto(f"{BASE}whose-words/")
    groups = question(page, 1).get_by_role("radiogroup")
    expect(groups).to_have_count(7)
    expect(groups.nth(3)).to_have_accessible_name(
        "… improving relations with all [its] neighbors. The government of …"
    )
    for group in groups.all():
        assert [
            radio.evaluate("el => el.labels[0].textContent")
            for radio in group.get_by_role("radio").all()
        ] == [FRAME, REPORT, FIRST, QUOTED, EDITOR]


def test_cable_says_its_topics_limits_and_notice(page: Page) -> None:
    page.goto(f"{BASE}the-other-cable/")
    place = question(page, 1)
    topics = place.get_by_role("group").filter(has=page.get_by_role("radio")).all()[1:]
    assert len(topics) == 6
    expect(topics[0]).to_have_accessible_name("The letter ¶3")
    expect(place.get_by_label("Your motive for: The letter")).to_be_visible()
    cable = place.get_by_label("Your cable", exact=True)
    expect(cable).to_have_accessible_description(
        "From 80 to 120 words. First decide line by line; then write. "
        "Another answer is as good, if argued."
    )
    expect(place).to_contain_text(NOTICE)


HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter(el => el.checkVisibility()).map(el => Number(el.tagName[1]))"""


@pytest.mark.parametrize("step", [*STEPS, "closing-quiz"])
def test_headings_of_the_lesson_leave_out_no_level(page: Page, step: str) -> None:
    page.goto(f"{BASE}{step}/")
    levels: list[int] = page.evaluate(HEADINGS)
    assert levels.count(1) == 1
    assert [b for a, b in itertools.pairwise(levels) if b > a + 1] == []


def test_what_a_check_brings_is_announced_and_focused(page: Page) -> None:
    page.goto(f"{BASE}two-lanes/")
    for select in answers(page, 1).locator("select").all():
        select.select_option(label=NONE)
    question(page, 1).get_by_role("button", name="Check").click()
    expect(page.locator("#status")).to_have_text("Not yet: read the feedback, then try once more.")
    expect(question(page, 1).locator("h2").first).to_be_focused()
    assert page.locator("#q1 .card.right").count() == 5
    assert page.locator("#q1 .card.wrong").count() == 3
    first = answers(page, 1).locator("select").first
    expect(first).to_have_accessible_description(
        "Not this one. A later sentence of the other man says which position Pakistan takes, as he "
        "sees it. It does not use the word “middle”."
    )


def test_cable_is_counted_refused_and_set_beside_the_record(page: Page) -> None:
    page.goto(f"{BASE}the-other-cable/")
    for group in page.locator("#q1 .topic[role=group]").all():
        group.get_by_label("leave out").check()
        group.get_by_label("Your motive").fill(MOTIVE)
    cable = page.get_by_label("Your cable", exact=True)
    cable.fill("He spoke of aircraft. " * 10)
    expect(page.locator("#q1-count")).to_have_text("40 words")
    page.get_by_role("button", name="Hand in this answer").click()
    summary = page.locator("#q1 .error-summary")
    expect(summary).to_contain_text("Your cable has 40 words. Write from 80 to 120 words.")
    expect(summary).to_be_focused()
    expect(page.locator("#status")).to_have_text(
        "Your cable has 40 words. Write from 80 to 120 words."
    )
    cable.fill("He spoke of aircraft. " * 20)
    page.get_by_role("button", name="Hand in this answer").click()
    expect(page.locator("#q1 .compare .theirs")).to_have_count(6)
    expect(page.locator("#q1 .notice")).to_contain_text("Written by a student")
