from .deliveries import Delivery, DeliveryException
from .questions import (
    AcceptedAnswer,
    Criterion,
    EvidenceSpan,
    Level,
    Option,
    Question,
    Quiz,
    QuizItem,
)
from .work import (
    Attempt,
    AttemptItem,
    Confidence,
    Draft,
    ItemTally,
    Mark,
    MarkingKey,
    QuestionRevision,
    Response,
)

__all__ = [
    "AcceptedAnswer",
    "Attempt",
    "AttemptItem",
    "Confidence",
    "Criterion",
    "Delivery",
    "DeliveryException",
    "Draft",
    "EvidenceSpan",
    "ItemTally",
    "Level",
    "Mark",
    "MarkingKey",
    "Option",
    "Question",
    "QuestionRevision",
    "Quiz",
    "QuizItem",
    "Response",
]
