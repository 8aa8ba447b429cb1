"""What is right, for those who may see it: answer keys, and findings after an answer.

Everything here reads a key. Call it only where the whole of it may be shown.
"""

import hashlib

from .kinds import kind_of
from .kinds.base import Face, Key, Presentation, Reveal


def solved(face: Face, key: Key, *, seed: int = 0) -> Presentation:
    """The question with everything said of it and nothing answered, lines in the order of `seed`.

    Right choices and sentences have the verdict ALSO; items and lines carry their `answer`.
    """
    return kind_of(str(face["kind"])).present(
        face, seed=seed, prefix="", key=key, reveal=Reveal.ALL
    )


def right_in_words(face: Face, key: Key) -> list[str]:
    """What is right, a line each (Markdown, as labels are); empty for an open response."""
    return kind_of(str(face["kind"])).right_in_words(face, key)


def any_one_will_do(face: Face, key: Key) -> bool:
    """Whether one of several right answers is enough."""
    return len(kind_of(str(face["kind"])).perfect_answers(key)) > 1


def paper_seed(question: str) -> int:
    """The order of a question's lines on paper: fixed by the question's key and nothing else.

    A seed for all questions would put options of the same key at the same place in each of them,
    and then a place would tell.
    """
    digest = hashlib.sha256(f"paper:{question}".encode()).digest()
    return int.from_bytes(digest[:6])
