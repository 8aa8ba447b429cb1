"""Each check against the shipped content, broken in one way at a time.

A case changes rows in the test's transaction; what is found then and was not found before has to
be exactly what the case names: the object, what is wrong, and how to mend it.
"""

import dataclasses
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lessons.core.models import ContentModel, Status
from lessons.documents.models import (
    Annotation,
    Document,
    Event,
    Passage,
    PassageText,
    Person,
    Place,
    Reference,
    Route,
    SourceCard,
    Term,
)
from lessons.guided.checking import Content, Finding, Level, check, read_content
from lessons.guided.checking.notes import note_sources
from lessons.guided.checking.sources import event_days
from lessons.guided.models import Lesson, Step, TeacherPage
from lessons.quizzes.models import (
    AcceptedAnswer,
    Criterion,
    EvidenceSpan,
    Option,
    Question,
    Quiz,
    QuizItem,
)
from lessons.quizzes.models import Level as RubricLevel

pytestmark = pytest.mark.django_db

RECORD, MODULE = "record-1958-04-19", "between-the-blocs"
Case = tuple[Level, str, tuple[str, ...], str, str]
Change = Callable[[], Any]
CASES: list[Any] = []

SHORT_NOTE = "Write from 20 to 60 words: one idea."
NOT_FACT = "Say that it is recorded: “as recorded”, “the record reports”, “in ¶3”."
RENUMBER = "Number them from 1 without a gap."


def findings(*, drafts: bool = False) -> list[Finding]:
    return [found for _rule, group in check(read_content(drafts=drafts)) for found in group]


@cache
def shipped() -> frozenset[Finding]:
    """Of the content as it ships: read before a test breaks anything."""
    return frozenset(findings())


def new_findings(change: Change) -> list[Case]:
    before = shipped()
    change()
    return [
        (found.level, found.where.model, found.where.key, found.what, found.mend)
        for found in findings()
        if found not in before
    ]


def put(model: type[ContentModel], *key: str, **values: Any) -> None:
    """Change a row as no admin page would: past every form and every full_clean()."""
    row = model.objects.get_by_natural_key(*key)
    model.objects.filter(pk=row.pk).update(**values)


def clear(relation: Any) -> None:
    relation.clear()


def case(
    name: str, change: Change, level: Level, model: str, key: tuple[str, ...], what: str, mend: str
) -> None:
    CASES.append(pytest.param(change, [(level, model, key, what, mend)], id=name))


def error(
    name: str, change: Change, model: str, key: tuple[str, ...], what: str, mend: str
) -> None:
    case(name, change, Level.ERROR, model, key, what, mend)


def advice(
    name: str, change: Change, model: str, key: tuple[str, ...], what: str, mend: str
) -> None:
    case(name, change, Level.ADVICE, model, key, what, mend)


NOTE = "documents.annotation"
CHAIRMAN = (RECORD, "p1", "chairman")
OPTION, QUESTION, STEP, LESSON = (
    "quizzes.option",
    "quizzes.question",
    "guided.step",
    "guided.lesson",
)
AIM = ("letter-intention", "aim")
PLACE_KEPT = ("letter-other-peaceloving", "place-kept")
LETTER = (MODULE, "letter")

# --- Fields -------------------------------------------------------------------------------------

error(
    "a hint is empty",
    lambda: put(Question, "letter-intention", hint=""),
    QUESTION,
    ("letter-intention",),
    "Its hint: This field cannot be blank.",
    "Fill in or correct that field.",
)
error(
    "nobody can know of an event",
    lambda: put(Event, "seato-treaty", known_to=[]),
    "documents.event",
    ("seato-treaty",),
    "Its who could know: This field cannot be blank.",
    "Fill in or correct that field.",
)

# --- Notes --------------------------------------------------------------------------------------

error(
    "a note is an orphan",
    lambda: put(Annotation, *CHAIRMAN, quote="President of the Union", prefix="", suffix=""),
    NOTE,
    CHAIRMAN,
    "Its words “President of the Union” are not in ¶1 as it reads now.",
    "Anchor it on words that ¶1 has, or retire it.",
)
error(
    "a note stands beside its words",
    lambda: put(Annotation, *CHAIRMAN, start=0, end=5),
    NOTE,
    CHAIRMAN,
    "Its words “Chairman of the USSR Council of Ministers” stand elsewhere in ¶1 now.",
    "Anchor it anew on the current text of ¶1.",
)
error(
    "a question's sentence is an orphan",
    lambda: put(Question, "letter-intention", quote="Pakistan has left every pact of the West."),
    QUESTION,
    ("letter-intention",),
    "Its words “Pakistan has left every pact of the West.” are not in ¶3 as it reads now.",
    "Anchor it on words that ¶3 has, or retire it.",
)
error(
    "a note is too short",
    lambda: put(Annotation, *CHAIRMAN, body="He was its head."),
    NOTE,
    CHAIRMAN,
    "The note has 4 words.",
    SHORT_NOTE,
)
error(
    "a note is too long",
    lambda: put(Annotation, RECORD, "p13", "which-form", body="This is so. " * 21),
    NOTE,
    (RECORD, "p13", "which-form"),
    "The note has 63 words.",
    SHORT_NOTE,
)
advice(
    "a gloss is too long",
    lambda: put(Annotation, RECORD, "p1", "word-mutual", body="Done by both sides. " * 4),
    NOTE,
    (RECORD, "p1", "word-mutual"),
    "A note on a word, and it has 16 words.",
    "Gloss the word in about ten words, or make it a term.",
)
advice(
    "a note reads hard",
    lambda: put(
        Annotation,
        RECORD,
        "p13",
        "which-form",
        body="Internationally significant reconciliation necessitates extraordinary governmental "
        "accommodation, notwithstanding irreconcilable territorial disagreements characterising "
        "contemporary diplomatic relationships everywhere around these two republics.",
    ),
    NOTE,
    (RECORD, "p13", "which-form"),
    "It reads hard: grade 40.6, where 8 is meant.",
    "Make its sentences shorter and its words plainer.",
)
error(
    "a note has no reference",
    lambda: clear(Annotation.objects.get_by_natural_key(RECORD, "p3", "agreed").references),
    NOTE,
    (RECORD, "p3", "agreed"),
    "No reference stands behind it.",
    "Name a reference that a reader can follow.",
)
error(
    "an inference has no ground",
    lambda: put(Annotation, RECORD, "p3", "agreed", certainty_note=" "),
    NOTE,
    (RECORD, "p3", "agreed"),
    "It is inferred and does not say from what.",
    "Write from what it is inferred, or what would settle it.",
)
error(
    "notes bury their chunk",
    lambda: put(Annotation, RECORD, "p13", "which-form", core=True),
    STEP,
    (MODULE, "peace", "the-last-words"),
    "Its core notes have 36 words, and the text 30: more than two thirds.",
    "Shorten them, or take “core” off one, such as “In which form?” (36 words).",
)
error(
    "a core note is later than the horizon",
    lambda: put(Annotation, *CHAIRMAN, known_from=date(1958, 4, 20)),
    NOTE,
    CHAIRMAN,
    "It is core, and known from 20 April 1958: after the horizon of “The letter and the middle "
    "position”.",
    "Take “core” off, or move what came later into a further note.",
)
error(
    "a note speaks of a later day",
    lambda: put(Annotation, RECORD, "p13", "which-form", body="In May 1958 it was so. " * 5),
    NOTE,
    (RECORD, "p13", "which-form"),
    "It speaks of May 1958, and is shown to whoever may know 19 April 1958.",
    "Set “known from” to that day, or take the later fact out.",
)
advice(
    "a note announces what a card shows",
    lambda: Annotation.objects.get_by_natural_key(RECORD, "p4", "graham").references.add(
        Reference.objects.get(key="frus-15-21")
    ),
    NOTE,
    (RECORD, "p4", "graham"),
    "It stands with the text and cites what “Graham speaks with the Americans, March 1958” is "
    "compared for.",
    "Show it after the chunk's questions, or leave that paper out.",
)
error(
    "a paragraph is read nowhere",
    lambda: Step.objects.get(lesson__key="peace", key="the-last-words").passages.remove(
        Passage.objects.get(key="p14")
    ),
    "documents.passage",
    (RECORD, "p14"),
    "No lesson reads it.",
    "Put it into a reading step, with a question.",
)
advice(
    "a part of the page is shown nowhere",
    lambda: Step.objects.get(lesson__key="sourcing", key="the-paper").passages.remove(
        Passage.objects.get(key="credits")
    ),
    "documents.passage",
    (RECORD, "credits"),
    "No step shows it.",
    "Show it in a step on what the paper is, if it is worth a look.",
)

# --- Questions ----------------------------------------------------------------------------------

error(
    "a question has no right answer",
    lambda: put(Option, *AIM, is_key=False, misreading="Took a key for none"),
    QUESTION,
    ("letter-intention",),
    "It cannot be asked as it is.",
    "Tick the right option.",
)
error(
    "an option has no feedback",
    lambda: put(Option, *AIM, feedback=""),
    QUESTION,
    ("letter-intention",),
    "It cannot be asked as it is.",
    "Write feedback for “It reports an aim of the government, not yet a deed”.",
)
error(
    "evidence is not in the text",
    lambda: EvidenceSpan.objects.filter(question__key="letter-own-judgement").delete(),
    QUESTION,
    ("letter-own-judgement",),
    "It cannot be asked as it is.",
    "Mark the words of the text that count as evidence.",
)
error(
    "a sample answer is missing",
    lambda: put(RubricLevel, "letter-spoke-for-himself", "limits", "2", sample=" "),
    QUESTION,
    ("letter-spoke-for-himself",),
    "It cannot be asked as it is.",
    "Write a sample answer for “A limit named” of “You say what the record cannot show”.",
)
error(
    "no reader can type the accepted answer",
    lambda: put(AcceptedAnswer, "sample-short", "honourable", answer="hon\x07ourable"),
    QUESTION,
    ("sample-short",),
    "A right answer cannot be given: hon\x07ourable",
    "Mend its parts until the answer that they call right scores 1.",
)
error(
    "an accepted answer never counts",
    lambda: put(AcceptedAnswer, "letter-limit", "impression", answer="a first glance only"),
    "quizzes.acceptedanswer",
    ("letter-limit", "impression"),
    "Whoever answers this is given what another accepted answer is worth.",
    "Take it out, or let the other compare the whole answer.",
)
error(
    "evidence runs over the end of a sentence",
    lambda: put(
        EvidenceSpan,
        "letter-own-judgement",
        "disappointed",
        start=100,
        end=250,
        quote=PassageText.objects.get(passage__key="p3").text[100:250],
    ),
    "quizzes.evidencespan",
    ("letter-own-judgement", "disappointed"),
    "It begins in one sentence and ends inside another.",
    "Mark one sentence, or each of them whole: readers tick whole sentences.",
)
advice(
    "a stem asks nothing",
    lambda: put(Question, "letter-intention", prompt="This sentence, as recorded, reports this:"),
    QUESTION,
    ("letter-intention",),
    "Its stem asks nothing.",
    "Write it as one clear question.",
)
advice(
    "a stem asks for what is not so",
    lambda: put(Question, "letter-intention", prompt="What does it, as recorded, NOT report?"),
    QUESTION,
    ("letter-intention",),
    "Its stem asks for what is not so.",
    "Ask for what is so: readers miss a “not”.",
)
error(
    "a stem asks for more than are right",
    lambda: put(Question, "letter-own-judgement", prompt="Which are the best? Choose three."),
    QUESTION,
    ("letter-own-judgement",),
    "It asks for 3, and 2 are right.",
    "Change the number in the question, or what is marked as right.",
)
error(
    "a hint gives the answer",
    lambda: put(Question, "letter-limit", hint="Look for the words “at first glance”."),
    QUESTION,
    ("letter-limit",),
    "Its hint gives the answer: “at first glance”.",
    "Say it in other words, or send the reader to the place.",
)
error(
    "feedback is too long",
    lambda: put(Option, *AIM, feedback="It is. The text says so. Read it again."),
    OPTION,
    AIM,
    "Its feedback has 3 sentences.",
    "Keep two at most; the rest belongs to the explanation.",
)
error(
    "feedback names what a line belongs to",
    lambda: put(Option, "letter-who", "continued", feedback="It was S. Chetverikov's frame."),
    OPTION,
    ("letter-who", "continued"),
    "Its feedback names what it belongs to: “S. Chetverikov, the recorder”.",
    "Say where to look: feedback is read before a second try.",
)
error(
    "an option says none of the above",
    lambda: put(
        Option,
        "letter-intention",
        "private",
        label="It reports a wish, or none of the above at all",
    ),
    OPTION,
    ("letter-intention", "private"),
    "It points at the other options.",
    "Write a reading of the text that somebody could hold.",
)
error(
    "a wrong option has no misreading",
    lambda: put(Option, "letter-intention", "promise", misreading=""),
    OPTION,
    ("letter-intention", "promise"),
    "A wrong option, and no misreading is named behind it.",
    "Name the misreading it catches, or put a real one in its place.",
)
advice(
    "a key names a misreading",
    lambda: put(Option, *AIM, misreading="Took an intention for an act"),
    OPTION,
    AIM,
    "It is ticked as right and names a misreading.",
    "Take out the misreading, or the tick.",
)
error(
    "a key is the longest option",
    lambda: put(
        Option, *AIM, label="It reports a serious aim of the government, and not yet any deed"
    ),
    QUESTION,
    ("letter-intention",),
    "Its key is longer than every other option.",
    "Shorten “It reports a serious aim of the government, and not yet any deed” to at most 59 "
    "characters, or lengthen another option.",
)
advice(
    "options are of unlike length",
    lambda: put(Option, "letter-intention", "private", label="It reports a wish"),
    QUESTION,
    ("letter-intention",),
    "Its options run from 17 to 59 characters.",
    "Make them of about one length: a reader should not choose by the eye.",
)
advice(
    "a key begins unlike all others",
    lambda: put(Option, *AIM, label="An aim of the government is reported, not a deed"),
    QUESTION,
    ("letter-intention",),
    "All wrong options begin with “it”, and the key does not.",
    "Let all options begin alike, or each in its own way.",
)
advice(
    "one option ends with a full stop",
    lambda: put(Option, *AIM, label="It reports an aim of the government, not a deed."),
    QUESTION,
    ("letter-intention",),
    "Some of its options end with a full stop, and others do not.",
    "End them alike.",
)
error(
    "an open question names no length",
    lambda: put(Question, "letter-spoke-for-himself", expected_words=None),
    QUESTION,
    ("letter-spoke-for-himself",),
    "It does not say how long an answer is expected.",
    "Give the expected words: two to five sentences are 40 to 100.",
)
error(
    "a sample answer stands at two levels",
    lambda: (
        RubricLevel.objects.filter(criterion__key="limits", order__lt=3)
        .filter(criterion__question__key="letter-spoke-for-himself")
        .update(sample="We have one side only.")
    ),
    "quizzes.criterion",
    ("letter-spoke-for-himself", "limits"),
    "One sample answer stands at two levels.",
    "Write an answer for each level.",
)
advice(
    "a rubric has a fourth level",
    lambda: RubricLevel.objects.create(
        criterion=Criterion.objects.get_by_natural_key("letter-spoke-for-himself", "limits"),
        key="4",
        order=4,
        title="A limit, nearly",
        description="Nearly.",
        score="0.75",
        sample="One side wrote it.",
    ),
    "quizzes.criterion",
    ("letter-spoke-for-himself", "limits"),
    "It has 4 levels.",
    "Keep three, which students can tell apart.",
)
error(
    "lines to order run against their days",
    lambda: (
        put(Option, "letter-order", "pact", rank=2),
        put(Option, "letter-order", "office", rank=1),
    ),
    QUESTION,
    ("letter-order",),
    "“Pakistan joins the Baghdad Pact” has place 2, but its day is before “Feroz Khan Noon becomes "
    "Prime Minister”.",
    "Number the places by the days, or mend the day in the feedback.",
)
error(
    "practice shows the key of a graded question",
    lambda: QuizItem.objects.create(
        quiz=Quiz.objects.get(key="samples"),
        question=Question.objects.get(key="letter-dates"),
        key="dates",
        position=13,
    ),
    QUESTION,
    ("letter-dates",),
    "It is handed in for a mark, and “The twelve kinds of question” shows its key before.",
    "Write another question for one of the two.",
)
advice(
    "no quiz asks a question",
    lambda: QuizItem.objects.filter(quiz__key="samples", position__gte=7).delete(),
    QUESTION,
    ("sample-open",),
    "No quiz asks it.",
    "Put it into a quiz, or retire it.",
)

# --- Language -----------------------------------------------------------------------------------

error(
    "a key states as fact what is reported",
    lambda: put(
        Option, *PLACE_KEPT, label="It shows that Khrushchev promised Pakistan a place too"
    ),
    OPTION,
    PLACE_KEPT,
    "It states as fact what only the record reports: “Khrushchev promised”.",
    NOT_FACT,
)
error(
    "a note states as fact what is reported",
    lambda: put(
        Annotation, RECORD, "p13", "which-form", body="Here Hussein openly told him so. " * 4
    ),
    NOTE,
    (RECORD, "p13", "which-form"),
    "It states as fact what only the record reports: “Hussein openly told”.",
    NOT_FACT,
)
advice(
    "a step's title states as fact what is reported",
    lambda: put(Step, *LETTER, "headnote", title="What Noon wanted"),
    STEP,
    (*LETTER, "headnote"),
    "It states as fact what only the record reports: “Noon wanted”.",
    NOT_FACT,
)
advice(
    "an explanation states as fact what is reported",
    lambda: put(Question, "letter-intention", explanation="Hussein promised this to him."),
    QUESTION,
    ("letter-intention",),
    "It states as fact what only the record reports: “Hussein promised”.",
    NOT_FACT,
)
error(
    "a lesson uses a name of later",
    lambda: put(Step, *LETTER, "at-first-glance", body="Pakistan was in CENTO."),
    STEP,
    (*LETTER, "at-first-glance"),
    "Its text has “CENTO”, which is later than 19 April 1958.",
    "Use the name of the time, or leave it to a row known from 1 August 1959.",
)
error(
    "feedback speaks of a later day",
    lambda: put(Option, *AIM, feedback="It is an aim. In 1965 there was a war."),
    OPTION,
    AIM,
    "Its feedback has “1965”, which is later than 19 April 1958.",
    "Use the name of the time, or leave it to a row known from 1 January 1965.",
)
error(
    "a place uses a name of later",
    lambda: put(Place, "dacca", note="The largest city of Bangladesh."),
    "documents.place",
    ("dacca",),
    "Its what it was has “Bangladesh”, which is later than 19 April 1958.",
    "Use the name of the time, or leave it to a row known from 26 March 1971.",
)
error(
    "a term is known too early",
    lambda: put(Term, "cento", known_from=None),
    "documents.term",
    ("cento",),
    "Its term has “CENTO”, which is later than 19 April 1958.",
    "Use the name of the time, or leave it to a row known from 1 August 1959.",
)
error(
    "a card is later than the lesson's horizon",
    lambda: (
        put(SourceCard, "frus-8-51", date=date(1958, 5, 1)),
        Step.objects.get(lesson__key="pact", key="closing-quiz").source_cards.remove(
            SourceCard.objects.get(key="frus-8-51")
        ),
    ),
    STEP,
    (MODULE, "pact", "a-vote-in-the-council"),
    "It shows “A vote on Kashmir, February 1957”, which is later than its horizon, 19 April 1958.",
    "Move the card to a lesson without a horizon, or take it out.",
)
error(
    "a name takes a side",
    lambda: put(Place, "srinagar", note="In Indian-occupied Kashmir."),
    "documents.place",
    ("srinagar",),
    "Its what it was has “Indian-occupied”, a name that takes a side.",
    "Write “Indian-administered”.",
)
error(
    "a word is spelt another way",
    lambda: put(Event, "seato-treaty", description="A defense treaty."),
    "documents.event",
    ("seato-treaty",),
    "It has “defense”, where this edition writes “defence”.",
    "Write it so, or put another's words into quotation marks.",
)
advice(
    "a word is spelt as in the record",
    lambda: put(Event, "seato-treaty", description="Two neighbors sign."),
    "documents.event",
    ("seato-treaty",),
    "It has “neighbors”, where this edition writes “neighbours”.",
    "Write it so, or put another's words into quotation marks.",
)
error(
    "a name has another form",
    lambda: put(Event, "seato-treaty", description="Khruschev objects."),
    "documents.event",
    ("seato-treaty",),
    "It has “Khruschev”, where this edition writes “Khrushchev”.",
    "Write it so, or put another's words into quotation marks.",
)
advice(
    "a step reads hard",
    lambda: put(
        Step,
        *LETTER,
        "at-first-glance",
        body="Diplomatic correspondence characteristically necessitates contextualisation.",
    ),
    STEP,
    (*LETTER, "at-first-glance"),
    "Its text reads hard: grade 47.7, where 8 is meant.",
    "Make its sentences shorter and its words plainer.",
)
advice(
    "a chunk is too long",
    lambda: Step.objects.get(lesson__key="letter", key="at-first-glance").passages.add(
        Passage.objects.get(key="p3")
    ),
    STEP,
    (*LETTER, "at-first-glance"),
    "It reads 296 words of the document at once.",
    "Split it: a chunk has 250 words at most.",
)

# --- Sources and links --------------------------------------------------------------------------

error(
    "an event is known before it happens",
    lambda: put(Event, "seato-treaty", known_from=date(1954, 9, 7)),
    "documents.event",
    ("seato-treaty",),
    "It is known from 1954-09-07, before it begins on 1954-09-08.",
    "Set “known from” to the day itself, or later.",
)
advice(
    "an event is known from no day",
    lambda: put(Event, "seato-treaty", known_from=None),
    "documents.event",
    ("seato-treaty",),
    "It does not say from when it was known.",
    "Set “known from”: the day itself, if it was public at once.",
)
error(
    "a document's headnote is too long",
    lambda: put(Document, RECORD, headnote="word " * 91),
    "documents.document",
    (RECORD,),
    "Its headnote has 91 words.",
    "Keep 90 at most.",
)
error(
    "nobody is named for the summary",
    lambda: put(Document, RECORD, summary_by=""),
    "documents.document",
    (RECORD,),
    "It has a summary, and does not say who wrote it.",
    "Say who wrote the summary, or that it is not known: it is a modern layer.",
)
error(
    "two summaries differ",
    lambda: put(Document, RECORD, summary="Two men talk."),
    "documents.passagetext",
    (RECORD, "summary", "1"),
    "It differs from the summary that the document's facts give.",
    "Bring both to what the archive's page has.",
)
advice(
    "nothing cites a reference",
    lambda: Reference.objects.create(key="unread", short="Unread", citation="A book."),
    "documents.reference",
    ("unread",),
    "Nothing cites it.",
    "Cite it where it bears on something, or delete it.",
)
advice(
    "a place has no source",
    lambda: clear(Place.objects.get(key="kabul").references),
    "documents.place",
    ("kabul",),
    "No reference stands behind it.",
    "Name a reference that a reader can follow.",
)
advice(
    "no step shows a card",
    lambda: Step.objects.get(lesson__key="peace", key="said-elsewhere").source_cards.remove(
        SourceCard.objects.get(key="frus-15-305")
    ),
    "documents.sourcecard",
    ("frus-15-305",),
    "No step shows it.",
    "Set it against the record in a corroboration step, or retire it.",
)
for name, href in {
    "no page has": "/nowhere/",
    "no lesson has": "/lessons/the-lost-letter/",
    "no step of a lesson has": "/lessons/the-letter-and-the-middle-position/lost/",
    "no paragraph has": "/documents/khrushchev-hussein-1958-04-19/#p15",
    "no term has": "term:warsaw-pact",
    "no page would keep": "javascript:alert(1)",
}.items():
    error(
        f"a link leads where {name}",
        lambda href=href: put(Step, *LETTER, "at-first-glance", body=f"See [this]({href})."),
        STEP,
        (*LETTER, "at-first-glance"),
        f"Its text links to “{href}”, which does not exist.",
        "Mend the address, or take the link out.",
    )
error(
    "a text names a paragraph that is not there",
    lambda: put(Step, *LETTER, "at-first-glance", body="Read ¶1 and ¶13–15."),
    STEP,
    (*LETTER, "at-first-glance"),
    "Its text names ¶15, which no document has.",
    "Give the number of a paragraph from 1 to 14.",
)
error(
    "a step shows what readers do not see",
    lambda: put(Route, "moscow-delhi-direct", status=Status.DRAFT),
    STEP,
    (MODULE, "air-route", "measuring"),
    "It refers to documents.route [moscow-delhi-direct], which is draft: readers do not see it.",
    "Publish that, or take it out here.",
)
error(
    "a quiz holds a question that readers do not see",
    lambda: put(Question, "sample-open", status=Status.RETIRED),
    "quizzes.quiz",
    ("samples",),
    "It refers to quizzes.question [sample-open], which is retired: readers do not see it.",
    "Publish that, or take it out here.",
)

# --- Lessons ------------------------------------------------------------------------------------

error(
    "two steps have one number",
    lambda: put(Step, *LETTER, "closing-quiz", order=7),
    STEP,
    (*LETTER, "in-your-own-words"),
    "It has number 7, which “Closing quiz” has already.",
    "Give each its own number.",
)
error(
    "a step's number is missing",
    lambda: put(Step, *LETTER, "closing-quiz", order=9),
    LESSON,
    LETTER,
    "Number 8 is missing among its parts.",
    RENUMBER,
)
error(
    "a lesson's number is missing",
    lambda: put(Lesson, MODULE, "between-the-lines", order=8),
    "guided.module",
    (MODULE,),
    "Number 7 is missing among its parts.",
    RENUMBER,
)
error(
    "a question's position is missing",
    lambda: put(QuizItem, "letter-closing-quiz", "dates", position=6),
    "quizzes.quiz",
    ("letter-closing-quiz",),
    "Number 5 is missing among its parts.",
    RENUMBER,
)
error(
    "a step's address is taken",
    lambda: put(Step, *LETTER, "headnote", slug="print"),
    STEP,
    (*LETTER, "headnote"),
    "Its address “print” leads to another page of the site.",
    "Choose another address.",
)
error(
    "minutes do not add up",
    lambda: put(Lesson, *LETTER, minutes=24),
    LESSON,
    LETTER,
    "It says 24 minutes, and its steps have 25.",
    "Count again, and write the same number.",
)
advice(
    "a lesson is too long",
    lambda: (
        put(Lesson, *LETTER, minutes=28),
        put(Step, *LETTER, "headnote", minutes=4),
    ),
    LESSON,
    LETTER,
    "It takes 28 minutes.",
    "Aim at 15 to 25, counted honestly.",
)
error(
    "a lesson's headnote is too long",
    lambda: put(Step, *LETTER, "headnote", body="Word. " * 91),
    STEP,
    (*LETTER, "headnote"),
    "The headnote has 91 words.",
    "Keep 90 at most.",
)
advice(
    "two steps have one title",
    lambda: put(Step, *LETTER, "a-middle-position", title="at first glance"),
    STEP,
    (*LETTER, "a-middle-position"),
    "Another step of the lesson has the same title.",
    "Give each step its own title.",
)
error(
    "a title tells the answer",
    lambda: put(Step, *LETTER, "a-middle-position", title="An aim of the government, no deed yet"),
    STEP,
    (*LETTER, "a-middle-position"),
    "Its title tells the answer of its question: “It reports an aim of the government, not yet a "
    "deed”.",
    "Let the title name the matter, never the finding.",
)
error(
    "a corroboration has no card",
    lambda: clear(Step.objects.get(lesson__key="letter", key="another-record").source_cards),
    STEP,
    (*LETTER, "another-record"),
    "A step of kind corroboration, and it has no source cards.",
    "Add them, or choose another kind.",
)
error(
    "a map has nothing on it",
    lambda: clear(Step.objects.get(lesson__key="air-route", key="measuring").routes),
    STEP,
    (MODULE, "air-route", "measuring"),
    "A map, and it has neither routes nor places.",
    "Add them, or choose another kind.",
)
error(
    "a closing quiz is practice",
    lambda: put(Quiz, "letter-closing-quiz", purpose="practice"),
    STEP,
    (*LETTER, "closing-quiz"),
    "Its quiz is for practice, and it is a step of kind quiz.",
    "Hand in for a mark in a step of kind quiz only, and nothing else there.",
)
error(
    "an earlier step comes later",
    lambda: Step.objects.filter(lesson__key="letter", key="headnote").update(
        earlier=Step.objects.get(key="in-your-own-words", lesson__key="letter")
    ),
    STEP,
    (*LETTER, "headnote"),
    "“In your own words” is named as its earlier step, and does not come before it.",
    "Name a step that learners have passed.",
)
error(
    "nothing was written in the earlier step",
    lambda: Step.objects.filter(lesson__key="letter", key="closing-quiz").update(
        earlier=Step.objects.get(key="headnote", lesson__key="letter")
    ),
    STEP,
    (*LETTER, "closing-quiz"),
    "Nothing is written in “Before you read”, its earlier step.",
    "Name a step with an open question, or none.",
)
advice(
    "a reading step asks nothing",
    lambda: (
        Step.objects.filter(lesson__key="letter", key="at-first-glance").update(quiz=None),
        Quiz.objects.filter(key="letter-at-first-glance").update(status=Status.RETIRED),
        Question.objects.filter(key="letter-other-peaceloving").update(status=Status.RETIRED),
    ),
    STEP,
    (*LETTER, "at-first-glance"),
    "It reads a chunk and asks nothing.",
    "Add one question, or two, on what it reads.",
)
error(
    "a lesson asks for three skills",
    lambda: (
        Question.objects.filter(key__startswith="letter-", skill="corroboration").update(
            skill="close-reading"
        )
        + Question.objects.filter(key__startswith="letter-", skill="contextualisation").update(
            skill="sourcing"
        )
    ),
    LESSON,
    LETTER,
    "It asks for 3 of the five skills: claim-and-evidence, close-reading, sourcing.",
    "Ask for 4 at least.",
)
error(
    "a lesson checks comprehension too often",
    lambda: Question.objects.filter(
        key__in=["letter-dates", "letter-summary", "letter-limit"]
    ).update(is_check=True),
    LESSON,
    LETTER,
    "4 of its 12 questions only check comprehension.",
    "Keep one in four at most; let the others ask for thinking.",
)
error(
    "a closing quiz is too long",
    lambda: (
        QuizItem.objects.filter(quiz__key="samples", position__gte=7).delete(),
        QuizItem.objects.create(
            quiz=Quiz.objects.get(key="letter-closing-quiz"),
            question=Question.objects.get(key="sample-open"),
            key="open",
            position=6,
        ),
    ),
    "quizzes.quiz",
    ("letter-closing-quiz",),
    "The closing quiz has 6 questions.",
    "Ask 4 or 5.",
)
error(
    "keys stand at one place",
    lambda: [
        (
            Option.objects.filter(question__key=key, order=1).update(order=9),
            Option.objects.filter(question__key=key, is_key=True).update(order=1),
            Option.objects.filter(question__key=key, order=9).update(order=4),
        )
        for key in ("letter-intention", "letter-own-behalf", "letter-dates")
    ],
    LESSON,
    LETTER,
    "In 4 of its 5 single choices the key stands at place 1.",
    "Spread the keys over the places.",
)
error(
    "keys are the longest options",
    lambda: [
        Option.objects.filter(question__key=key, is_key=True).update(
            label=max(labels(key), key=len).ljust(max(map(len, labels(key))) + 2, "s") + ""
        )
        for key in ("letter-intention", "letter-own-behalf", "letter-dates")
    ],
    LESSON,
    LETTER,
    "In 3 of its 5 single choices the key is the longest option.",
    "Change the length of some keys or wrong options.",
)
advice(
    "no step gives a quiz",
    lambda: Quiz.objects.create(
        key="spare", title="Spare", purpose="practice", status=Status.PUBLISHED
    ),
    "quizzes.quiz",
    ("spare",),
    "No step gives it.",
    "Put it into a step, or retire it.",
)
advice(
    "a lesson has no page for teachers",
    lambda: TeacherPage.objects.filter(lesson__key="letter").update(lesson=None),
    LESSON,
    LETTER,
    "It has no page for teachers.",
    "Write one: what students get wrong, and how to teach it in a period.",
)


def labels(question: str) -> list[str]:
    return [option.label for option in Option.objects.filter(question__key=question)]


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_a_fault_is_found_and_nothing_else(change: Change, expected: list[Case]) -> None:
    assert new_findings(change) == expected


def test_shipped_content_has_no_error() -> None:
    assert [found for found in shipped() if found.level == Level.ERROR] == []


def test_a_step_without_passages_reads_nothing() -> None:
    step = Step.objects.get(lesson__key="as-himself", key="kind-words")
    paragraph = "Put it into a reading step, with a question."
    assert new_findings(step.passages.clear) == [
        (Level.ERROR, "documents.passage", (RECORD, "p11"), "No lesson reads it.", paragraph),
        (
            Level.ERROR,
            STEP,
            (MODULE, "as-himself", "kind-words"),
            "A step of kind reading, and it has no passages.",
            "Add them, or choose another kind.",
        ),
    ]


def test_evidence_in_another_text_is_named_twice() -> None:
    """It cannot be broken alone: in another text its words are not there either."""
    key = ("letter-own-judgement", "disappointed")
    other = PassageText.objects.get(passage__key="p4")
    assert [found[1:4] for found in new_findings(lambda: put(EvidenceSpan, *key, text=other))] == [
        (
            "quizzes.evidencespan",
            key,
            "Its words “Hussein said letter of the Prime Minister somewhat…” are not in ¶4 as it "
            "reads now.",
        ),
        (
            "quizzes.evidencespan",
            key,
            "It lies in another text than the one the question is about.",
        ),
    ]


def test_a_lesson_that_asks_nothing_lacks_everything() -> None:
    def change() -> None:
        Question.objects.filter(key="pact-an-offer").update(kind="short")
        Step.objects.filter(lesson__key="pact", key="closing-quiz").update(kind="discussion")

    whats = {found[3] for found in new_findings(change) if found[2] == (MODULE, "pact")}
    assert whats == {"Nothing is answered in writing.", "It has 0 closing quizzes."}


def test_what_the_database_refuses_is_found_where_a_copy_holds_it() -> None:
    """Constraints keep these two out; a check that reads rows finds them all the same."""
    content = read_content()
    event = next(event for event in content.events if event.key == "bandung")
    event.date_end = date(1955, 4, 17)
    assert [(found.where.key, found.what, found.mend) for found in event_days(content)] == [
        (
            ("bandung",),
            "It ends on 1955-04-17, before it begins on 1955-04-18.",
            "Turn the two days round, or mend one.",
        )
    ]
    note = next(note for note in content.notes if note.key == "chairman")
    note.certainty = ""
    assert [(found.where.key, found.what, found.mend) for found in note_sources(content)] == [
        (
            CHAIRMAN,
            "It does not say how certain it is.",
            "Choose documented, accepted, inferred or conjecture.",
        )
    ]


def test_a_question_of_no_kind_is_named_and_stops_nothing() -> None:
    found = new_findings(lambda: put(Question, "sample-open", kind="essay"))
    assert [case[2:4] for case in found] == [
        (("sample-open",), "Its kind: Value 'essay' is not a valid choice.")
    ]


def test_drafts_are_checked_only_when_asked_for() -> None:
    def change() -> None:
        TeacherPage.objects.filter(key="sources").update(status=Status.DRAFT, body="See ¶99.")

    assert new_findings(change) == []
    assert [found.what for found in findings(drafts=True) if found not in shipped()] == [
        "Its text names ¶99, which no document has."
    ]


def test_content_is_read_in_as_many_queries_however_much_there_is() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            check(read_content())
        return len(captured)

    assert queries() == 54
    for number in range(3):
        person = Person.objects.create(
            key=f"p{number}", slug=f"p{number}", name="N", role="R", status=Status.PUBLISHED
        )
        person.references.add(Reference.objects.get(key="record"))
        quiz = Quiz.objects.create(key=f"q{number}", title="Q", purpose="practice")
        question = Question.objects.create(
            key=f"q{number}", kind="single", prompt="?", hint="H", explanation="E", skill="sourcing"
        )
        Option.objects.create(question=question, key="a", label="A")
        QuizItem.objects.create(quiz=quiz, question=question, key="a", position=1)
        step = Step.objects.create(
            lesson=Lesson.objects.get(key="letter"),
            key=f"s{number}",
            slug=f"s{number}",
            kind="reading",
            order=20 + number,
            title="S",
            minutes=1,
            quiz=quiz,
            earlier=Step.objects.get(key="headnote", lesson__key="letter"),
        )
        step.passages.add(Passage.objects.get(key="p1"))
    Quiz.objects.update(status=Status.PUBLISHED)
    Question.objects.update(status=Status.PUBLISHED)
    assert queries() == 54


def test_where_there_is_nothing_nothing_is_found() -> None:
    nothing: Any = {field.name: [] for field in dataclasses.fields(Content) if field.init}
    assert check(Content(**nothing)) == []
