"""Perfect answers, as a browser would send them: can a reader give the right answer at all?"""

from django.http import QueryDict

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import ONE, Answer, Face, InvalidAnswer, Key

SEED, PREFIX = 7, "check"


def perfect_answers(face: Face, key: Key) -> list[Answer]:
    """Each answer that ought to earn everything; none for what a person reads."""
    return kind_of(face["kind"]).perfect_answers(key)


def earns_everything(face: Face, key: Key, answer: Answer) -> bool:
    """True where the form that carries the answer is read as that answer and scores 1."""
    kind = kind_of(face["kind"])
    form = QueryDict(mutable=True)
    try:
        for name, value in kind.controls(face, answer, seed=SEED):
            form.appendlist(f"{PREFIX}-{name}", value)
        given = kind.parse(face, form, seed=SEED, prefix=PREFIX)
    except (InvalidAnswer, ValueError):
        return False
    return given == answer and kind.mark(key, given) == ONE
