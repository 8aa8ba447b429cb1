"""Admin that every app stands on: the one road by which an editor changes content."""

from . import reports
from .content import ContentAdmin
from .fields import (
    FORM_FIELDS,
    ContentForm,
    ContentStackedInline,
    ContentTabularInline,
    VerbatimField,
)
from .readonly import LearnersAdmin, OrphanFilter, ReadOnlyAdmin, ShortPaginator
from .saving import UNPROCESSABLE, ContentRefused, ThisChange

__all__ = [
    "FORM_FIELDS",
    "UNPROCESSABLE",
    "ContentAdmin",
    "ContentForm",
    "ContentRefused",
    "ContentStackedInline",
    "ContentTabularInline",
    "LearnersAdmin",
    "OrphanFilter",
    "ReadOnlyAdmin",
    "ShortPaginator",
    "ThisChange",
    "VerbatimField",
    "reports",
]
