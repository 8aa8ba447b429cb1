"""Checks of each field alone: what an admin page would refuse, however the row came in."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from .content import Content
from .findings import Finding, error


def fields(content: Content) -> Iterator[Finding]:
    """Fields left empty, too long, or with a value that is no choice of theirs.

    Relations are the database's to hold: looking at them would ask it for each row.
    """
    for row in content.rows():
        relations = {f.name for f in row._meta.concrete_fields if isinstance(f, models.ForeignKey)}
        try:
            row.clean_fields(exclude=relations)
        except ValidationError as wrong:
            for name, messages in wrong.message_dict.items():
                yield error(
                    row,
                    _("Its %(field)s: %(message)s")
                    % {
                        "field": row._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                        "message": " ".join(messages),
                    },
                    _("Fill in or correct that field."),
                )
