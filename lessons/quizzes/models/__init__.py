from .deliveries import Delivery, DeliveryException
from .exercises import Card, Segment
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
    DeliveryItem,
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
    "Card",
    "Confidence",
    "Criterion",
    "Delivery",
    "DeliveryException",
    "DeliveryItem",
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
    "Segment",
]
