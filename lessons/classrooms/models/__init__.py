from .assignments import Assignment, CalendarFeed, Excuse, GradeOverride, Notice
from .classes import Classroom, Group, Invitation, Membership, MembershipEvent
from .marking import RegradeRequest, ReusableComment

__all__ = [
    "Assignment",
    "CalendarFeed",
    "Classroom",
    "Excuse",
    "GradeOverride",
    "Group",
    "Invitation",
    "Membership",
    "MembershipEvent",
    "Notice",
    "RegradeRequest",
    "ReusableComment",
]
