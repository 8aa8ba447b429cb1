"""Invented learners by the thousand: their names, and what the better of them answer."""

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Answer, Face, Key

from .demo import CABLES, REASONS, WRITTEN

FIRST = (
    "Aisha Amara Anton Beatriz Ben Bilal Camille Chen Chiara Dalia Dmitri Elif Emre Esther Farah "
    "Felix Goran Grace Hana Hassan Ines Ivan Jana Jonas Kamal Keiko Lena Liam Lucía Mei Milan "
    "Nadia Noah Oona Omar Priya Quentin Rosa Ruth Samir Sofia Tariq Tove Usha Viktor Wanjiru Yusuf "
    "Zofia"
)
FAMILY = (
    "Adeyemi Anwar Berg Castillo Dahl Demir Dubois Eriksen Farouk Fischer García Haddad Horvat "
    "Ibrahim Iyer Jansen Kamau Kaya Khan Kowalski Lindqvist Lombardi Marchand Mizuno Nagy Nakamura "
    "Novak Okafor Osei Petrović Popescu Raman Romero Rossi Siddiqui Silva Tanaka Thornton Volkov "
    "Weber Yilmaz Zhou"
)
"""Names, with spaces between."""


def good_answers(face: Face, key: Key) -> list[Answer]:
    """Answers that earn everything, or that only a person can judge; one or more."""
    match face["kind"]:
        case "open":
            return [{"text": text} for text in WRITTEN]
        case "cable":
            kept = {"does": "keep", "motive": "It matters."}
            lines = {card["key"]: kept for card in face["cards"]}
            return [{"lines": lines, "added": "", "cable": text} for text in CABLES]
        case "stance":
            options = [option["key"] for option in face["options"]]
            return [{"choice": one, "reason": why} for one in options for why in REASONS]
    return kind_of(face["kind"]).perfect_answers(key)
