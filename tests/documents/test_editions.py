from datetime import date

import pytest

from lessons.documents.editions import date_machine, date_text
from lessons.documents.models import Document


@pytest.mark.parametrize(
    ("precision", "text", "machine"),
    [
        ("day", "2 May 1960", "1960-05-02"),
        ("month", "May 1960", "1960-05"),
        ("year", "1960", "1960"),
    ],
)
def test_date_is_given_as_far_as_it_is_known(precision: str, text: str, machine: str) -> None:
    document = Document(date=date(1960, 5, 2), date_precision=precision)
    assert (date_text(document), date_machine(document)) == (text, machine)
