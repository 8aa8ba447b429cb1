"""An invented record with its lesson of three exercises: made for tests, never shipped.

Nobody in it ever lived, and nothing in it ever happened.
"""

from decimal import Decimal
from typing import Any

from lessons.core.models import ContentVersion
from lessons.documents.models import Passage, PassageText, Person, VoiceSpan
from lessons.guided.models import Lesson, Module, Step
from lessons.quizzes.models import (
    Card,
    Criterion,
    EvidenceSpan,
    Level,
    Option,
    Question,
    Quiz,
    QuizItem,
    Segment,
)
from tests.documents.making import make_document, make_passage, make_voice, place

SLUG = "salt-and-boats"
NOTICE = "Invented by a learner: no letter of the islanders has come down to us."
WORDS = [
    "Ann said that the islanders needed two boats before winter. She agreed that salt was dear.",
    'Bo replied that boats were dearer. We have, he added, "no wood to spare". The ice [in the '
    "bay] came early that year.",
    "Ann thanked him and offered salt.",
]


def make_lesson() -> Lesson:
    """The lesson, published, with a step of each kind: two-lanes, voices, other-cable."""
    document = make_document("salt-talk", title="Record of a talk on salt (invented)")
    texts = [
        make_passage(document, words, number=n, who=who)
        for n, (words, who) in enumerate(zip(WORDS, ("ann", "bo", "ann"), strict=True), start=1)
    ]
    module = Module.objects.create(
        key="salt",
        slug="salt",
        status="published",
        title="Salt",
        question="Who needed whom?",
        introduction="Invented.",
        document=document,
        order=9,
    )
    lesson = Lesson.objects.create(
        key="salt",
        slug=SLUG,
        status="published",
        module=module,
        order=1,
        title="Salt and boats",
        focus="?",
        aims="Read.",
        minutes=20,
    )
    quizzes = [_lanes(texts), _voices(texts), _cable(texts)]
    for n, (kind, quiz) in enumerate(
        zip(("two-lanes", "voices", "other-cable"), quizzes, strict=True), start=1
    ):
        Step.objects.create(
            lesson=lesson,
            key=kind,
            slug=kind,
            order=n,
            kind=kind,
            title=f"Step {kind}",
            minutes=6,
            quiz=quiz,
        ).passages.set([text.passage for text in texts])
    ContentVersion.bump()
    return lesson


def _quiz(key: str, *questions: Question) -> Quiz:
    quiz = Quiz.objects.create(key=key, status="published", title=key, purpose="practice")
    for n, question in enumerate(questions, start=1):
        QuizItem.objects.create(quiz=quiz, key=question.key, question=question, position=n)
    return quiz


def _question(key: str, kind: str, text: PassageText | None = None, **fields: Any) -> Question:
    about = {}
    if text is not None:
        about = {"text": text, "quote": text.text, "start": 0, "end": len(text.text)}
    return Question.objects.create(
        **{
            "key": key,
            "kind": kind,
            "status": "published",
            "prompt": f"What of {key}?",
            "skill": "sourcing",
            "points": Decimal(2),
            "hint": "Look again.",
            "explanation": f"The explanation of {key}, which waits for an answer to it.",
            "asks_confidence": False,
            **about,
            **fields,
        }
    )


def _card(question: Question, key: str, text: PassageText, quote: str, **fields: Any) -> Card:
    found = place(text, quote)
    return Card.objects.create(
        question=question,
        key=key,
        text=text,
        label=f"The line of {key}",
        feedback=f"What waits about {key}, and is told to nobody before an answer.",
        **{name: found[name] for name in ("quote", "start", "end")},
        **fields,
    )


def _lanes(texts: list[PassageText]) -> Quiz:
    ann, bo = (Person.objects.get(key=f"test-{key}") for key in ("ann", "bo"))
    replies = _question("salt-replies", "replies")
    boats = _card(
        replies, "boats", texts[0], "needed two boats", order=1, speaker=ann, awaits_reply=True
    )
    boats.replies.set([Passage.objects.get(pk=texts[1].passage_id)])
    _card(
        replies,
        "ice",
        texts[1],
        "The ice [in the bay] came early",
        order=2,
        speaker=bo,
        act="warns",
        awaits_reply=True,
        none_recorded=True,
    )
    _card(replies, "thanks", texts[2], "thanked him", order=3, speaker=ann, act="praises")
    stance = _question("salt-stance", "stance", points=Decimal(0))
    for n, key in enumerate(("unsaid", "unwritten", "elsewhere"), start=1):
        _option(stance, key, n, f"It was {key}")
    agreed = _question("salt-agreed", "evidence", texts[0])
    found = place(texts[0], "agreed")
    EvidenceSpan.objects.create(
        question=agreed,
        key="agreed",
        text=texts[0],
        feedback="With whom she agreed, nobody wrote down; the word betrays it.",
        **{name: found[name] for name in ("quote", "start", "end")},
    )
    return _quiz("salt-lanes", replies, stance, agreed)


def _option(question: Question, key: str, order: int, label: str, **fields: Any) -> Option:
    told = f"What is told of {key} once it was answered, and not a moment earlier."
    return Option.objects.create(
        question=question, key=key, order=order, label=label, feedback=told, **fields
    )


def _voices(texts: list[PassageText]) -> Quiz:
    question = _question("salt-voices", "voices", texts[1])
    for key, quote, voice, other in [
        ("replied", "Bo replied that", "frame", ""),
        ("dearer", "boats were dearer.", "reported", "first-person"),
        ("wood", "no wood to spare", "quoted", ""),
        ("bay", "[in the bay]", "editor", ""),
    ]:
        span = make_voice(texts[1], key, quote, voice)
        VoiceSpan.objects.filter(pk=span.pk).update(or_voice=other)
        Segment.objects.create(
            question=question,
            key=key,
            span=span,
            feedback=f"Why {key} is put so, in words that wait for an answer to it.",
        )
    warrant = _question("salt-warrant", "warrant", texts[2])
    for n, (key, label, excess) in enumerate(
        [
            ("won", "The islanders won the salt trade", "won"),
            ("gave", "Ann gave salt to everybody", "everybody"),
            ("reports", "The record reports Ann offering salt", ""),
        ],
        start=1,
    ):
        _option(warrant, key, n, label, excess=excess, is_key=not excess)
    return _quiz("salt-whose", question, warrant)


def _cable(texts: list[PassageText]) -> Quiz:
    question = _question(
        "salt-cable",
        "cable",
        fewest_words=5,
        most_words=12,
        notice=NOTICE,
        strong_answer="A strong answer says who counted the boats, and for whom.",
    )
    for n, (key, text, quote) in enumerate(
        [("boats", texts[0], "needed two boats"), ("wood", texts[1], "no wood to spare")], start=1
    ):
        _card(question, key, text, quote, order=n)
    criterion = Criterion.objects.create(question=question, key="motive", title="Motive")
    for n, score in enumerate(("0", "0.5", "1")):
        Level.objects.create(
            criterion=criterion,
            key=f"l{n}",
            order=n,
            title=f"Level {n}",
            description=f"What level {n} is, in words long enough to be found.",
            score=Decimal(score),
            sample=f"A sample answer of level {n}, in words long enough to be found.",
        )
    return _quiz("salt-cable-quiz", question)
