from .assignments import Assignment, Excuse, ExcuseEvent, GradeOverride, Notice
from .classes import Classroom, Group, Invitation, Membership, MembershipEvent
from .marking import RegradeRequest, ReusableComment

__all__ = [
    "Assignment",
    "Classroom",
    "Excuse",
    "ExcuseEvent",
    "GradeOverride",
    "Group",
    "Invitation",
    "Membership",
    "MembershipEvent",
    "Notice",
    "RegradeRequest",
    "ReusableComment",
]
