"""Another key for a question that was keyed wrong, and what that would change.

The right answer is given as the kind's own answer (`NewKey.answer`), for a short answer as rows,
for an exercise whose parts accept several as what each accepts. Whose words a segment is, the voice
span of the document says: it changes there, for the exercise and for the document's page alike.
Only how it is marked changes: the question's words, and what learners answered, stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion

from .domain import WorkRefused, regraded, would_change
from .kinds.base import Answer, Face, Key, shortened
from .kinds.replies import NONE, target_label
from .kinds.voices import VOICES
from .models import AcceptedAnswer, Card, Option, Question, QuestionRevision, Response, Segment
from .revisions import key_of, problems_of, questions_with_parts

if TYPE_CHECKING:
    from lessons.accounts.models import User

BY_ANSWER = (
    Question.Kind.SINGLE,
    Question.Kind.MULTIPLE,
    Question.Kind.MATCHING,
    Question.Kind.ORDERING,
    Question.Kind.WARRANT,
)
BY_PARTS = (Question.Kind.REPLIES, Question.Kind.VOICES)
KINDS = (*BY_ANSWER, *BY_PARTS, Question.Kind.SHORT)
"""Kinds that are re-keyed here; the evidence and rubric of the others are edited in admin."""

MOST_VOICES = 2
"""Voices that a span can have: one, or one of two."""


@dataclass(frozen=True)
class NewKey:
    answer: Answer = field(default_factory=dict)
    """What is right, as a learner would answer it (kinds of BY_ANSWER)."""
    excess: dict[str, str] = field(default_factory=dict)
    """Warrants: the words that go too far, by key of the statement; the others stay."""
    parts: dict[str, list[str]] = field(default_factory=dict)
    """Kinds of BY_PARTS: the codes accepted for each part, by key."""
    scores: dict[str, Decimal] = field(default_factory=dict)
    """Short answers: what accepted answers are worth, by key; the others stay."""
    accepted: str = ""
    """Short answers: one more accepted answer, worth 1."""
    feedback: str = ""
    """What is said of it."""


class KeyRefused(WorkRefused):
    """The question could not be asked with this key; `problems` say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def right_now(question: Question) -> Answer:
    """What is right as the question stands, as a learner would answer it."""
    key = key_of(question)
    match question.kind:
        case Question.Kind.SINGLE | Question.Kind.WARRANT:
            return {"choice": next(iter(key["right"]), "")}
        case Question.Kind.MULTIPLE:
            return {"choices": sorted(key["right"])}
        case Question.Kind.MATCHING:
            return {"pairs": key["pairs"]}
        case Question.Kind.ORDERING:
            return {"places": key["places"]}
    return {}


@dataclass(frozen=True)
class Part:
    """A card or a segment: what may be accepted for it, and what is."""

    key: str
    label: str
    readings: dict[str, str]
    """Code → its words."""
    accepted: list[str]


def parts_of(face: Face, key: Key) -> list[Part]:
    """The parts of a question of BY_PARTS, in the order of the text."""
    if face["kind"] == Question.Kind.REPLIES:
        targets = [NONE, *(passage["key"] for passage in face["passages"])]
        readings = {target: target_label(face, target) for target in targets}
        asked, accepted = (card for card in face["cards"] if card["asks"]), key["replies"]
    else:
        readings = {code: str(label) for code, label in VOICES.items()}
        asked, accepted = iter(face["segments"]), key["voices"]
    return [Part(row["key"], row["label"], readings, accepted[row["key"]]) for row in asked]


def with_parts(question_id: int) -> Question:
    return questions_with_parts(Question.objects.filter(pk=question_id)).get()


def apply(question: Question, change: NewKey) -> list[ContentModel]:
    """Bring the question's parts, in memory, to the new key; the rows that differ, unsaved.

    `question` has its parts prefetched. Raises KeyRefused where it could not be asked so.
    """
    rows: list[ContentModel]
    match question.kind:
        case Question.Kind.SHORT:
            rows = _accept(question, change)
        case Question.Kind.REPLIES:
            rows = [row for row in question.cards.all() if _reply(row, question, change.parts)]
        case Question.Kind.VOICES:
            rows = [row.span for row in question.segments.all() if _speak(row, change.parts)]
        case _:
            rows = [row for row in question.options.all() if _turn(row, question, change)]
    problems = problems_of(question)
    if problems:
        raise KeyRefused(problems)
    if not rows:
        raise KeyRefused([_("That is the key it has already.")])
    return rows


def _turn(option: Option, question: Question, change: NewKey) -> bool:
    """Set what is right on one option; whether that changed it."""
    answer = change.answer
    before = (option.is_key, option.answer_id, option.rank, option.excess)
    match question.kind:
        case Question.Kind.WARRANT:
            option.is_key = option.key == answer["choice"]
            option.excess = "" if option.is_key else change.excess.get(option.key, option.excess)
        case Question.Kind.SINGLE:
            option.is_key = option.key == answer["choice"]
        case Question.Kind.MULTIPLE:
            option.is_key = option.key in answer["choices"]
        case Question.Kind.MATCHING:
            if option.role == Option.Role.ITEM:
                targets = {row.key: row for row in question.options.all()}
                option.answer = targets[answer["pairs"][option.key]]
        case Question.Kind.ORDERING:
            option.rank = answer["places"][option.key]
    return before != (option.is_key, option.answer_id, option.rank, option.excess)


def _reply(card: Card, question: Question, parts: dict[str, list[str]]) -> bool:
    """Set the replies that are accepted for a card; whether that changed it."""
    if not card.awaits_reply:
        return False
    accepted = parts.get(card.key, [])
    documents = {
        one.text.passage.document_id: one.text.passage.document for one in question.cards.all()
    }
    replies = [
        passage
        for document in documents.values()
        for passage in document.passages.all()
        if passage.key in accepted
    ]
    before = (card.none_recorded, {passage.pk for passage in card.replies.all()})
    card.none_recorded = NONE in accepted
    _parts_in_memory(card)["replies"] = replies
    return before != (card.none_recorded, {passage.pk for passage in replies})


def _speak(segment: Segment, parts: dict[str, list[str]]) -> bool:
    """Set the voices that are accepted for a segment, on its span; whether that changed it."""
    span, accepted = segment.span, parts.get(segment.key, [])
    label = {"label": shortened(span.quote, 60)}
    if not 1 <= len(accepted) <= MOST_VOICES:
        raise KeyRefused([_("Accept one voice for “%(label)s”, or two where both hold.") % label])
    if set(accepted) == {span.voice, span.or_voice} - {""}:
        return False
    elsewhere = Segment.objects.filter(span=span).exclude(question=segment.question_id)
    other = elsewhere.values_list("question__key", flat=True).first()
    if other is not None:
        raise KeyRefused(
            [
                _("“%(label)s” is asked about in the question %(other)s as well.")
                % {**label, "other": other}
            ]
        )
    span.voice, span.or_voice = [*sorted(accepted, key=lambda one: one != span.voice), ""][:2]
    return True


def _parts_in_memory(row: ContentModel) -> dict[str, Any]:
    cache: dict[str, Any] = row._prefetched_objects_cache  # type: ignore[attr-defined]
    return cache


def _save(row: ContentModel) -> None:
    """The row with what was set of its parts in memory."""
    row.save()
    if isinstance(row, Card):
        row.replies.set(_parts_in_memory(row).pop("replies"))


def _accept(question: Question, change: NewKey) -> list[ContentModel]:
    rows: list[ContentModel] = []
    accepted = list(question.accepted_answers.all())
    for row in accepted:
        score = change.scores.get(row.key, row.score)
        if score != row.score:
            row.score = score
            rows.append(row)
    if change.accepted:
        taken = {row.key for row in accepted}
        stem = slugify(change.accepted)[:60] or "answer"
        keys = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
        rows.append(
            AcceptedAnswer(
                question=question,
                key=next(key for key in keys if key not in taken),
                order=max((row.order for row in accepted), default=0) + 1,
                answer=change.accepted,
                match=AcceptedAnswer.Match.WHOLE,
                score=Decimal(1),
                feedback=change.feedback,
            )
        )
        _parts_in_memory(question)["accepted_answers"] = [*accepted, rows[-1]]
    return rows


def comparable(question: Question, revisions: Sequence[QuestionRevision]) -> list[QuestionRevision]:
    """The revisions that ask for the same parts, so that the key fits their answers."""
    kinds = ("options", "items", "targets", "cards", "passages", "segments")

    def parts(face: dict[str, Any]) -> Any:
        named = {name: sorted(row["key"] for row in face[name]) for name in kinds if name in face}
        return face["kind"], named

    from .revisions import face_of

    now = parts(face_of(question))
    return [revision for revision in revisions if parts(revision.content) == now]


def revisions_of(question: Question) -> list[QuestionRevision]:
    return list(question.revisions.order_by("pk"))


@dataclass(frozen=True)
class ChangedScore:
    response: Response
    old: Decimal
    new: Decimal

    @property
    def is_current(self) -> bool:
        """Whether it is the answer that counts in its attempt, not an earlier one."""
        return self.response.item.response_id == self.response.pk


def preview(question: Question, change: NewKey) -> Iterator[ChangedScore]:
    """What `rekey` would change; nothing is written. Raises KeyRefused as `apply` does."""
    question = with_parts(question.pk)
    apply(question, change)
    key: Key = key_of(question)
    for revision in comparable(question, revisions_of(question)):
        for response, old, new in would_change(revision, key):
            yield ChangedScore(response, old, new)


def rekey(*, question: Question, change: NewKey, reason: str, by: "User") -> list[Response]:
    """Change the key of a question, and mark every answer to it anew by it.

    Content is saved with its history; marks are added, none is changed, and what a person has
    marked stays. Returns the answers whose score changed. Raises KeyRefused, and then nothing is
    changed; WorkRefused without a reason.
    """
    if not reason.strip():
        raise WorkRefused(_("Say why the key is changed."))
    with edit(by=by, why=reason):
        Question.objects.select_for_update().get(pk=question.pk)
        question = with_parts(question.pk)
        for row in apply(question, change):
            _save(row)
        ContentVersion.bump()
        changed: list[Response] = []
        for revision in comparable(question, revisions_of(question)):
            changed += regraded(revision=revision, reason=reason, by=by)
        return changed
