from .assignments import Assignment, CalendarFeed, Excuse, GradeOverride, Notice
from .classes import Classroom, Group, Invitation, Membership, MembershipEvent
from .marking import GradeEvent, RegradeRequest, ReusableComment, VoidedQuestion
from .votes import SecondVote

__all__ = [
    "Assignment",
    "CalendarFeed",
    "Classroom",
    "Excuse",
    "GradeEvent",
    "GradeOverride",
    "Group",
    "Invitation",
    "Membership",
    "MembershipEvent",
    "Notice",
    "RegradeRequest",
    "ReusableComment",
    "SecondVote",
    "VoidedQuestion",
]
