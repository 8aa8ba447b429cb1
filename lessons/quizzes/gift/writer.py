"""From the tree to GIFT: what `parser.parse` reads back as the same tree.

Every sign that means something is escaped, and a question never holds a blank line, so a text
of any words comes through.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from .syntax import (
    BLANKS,
    FORMATS,
    RIGHT,
    WRONG,
    Answer,
    Choices,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Short,
    TrueFalse,
    Words,
)

_SIGNS = re.compile(r"[\\~=#{}:\n]")
_LOOKS_LIKE_A_FORMAT = re.compile(rf"\[({'|'.join(FORMATS)})\]", re.IGNORECASE)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def write(questions: Iterable[GiftQuestion], *, header: Iterable[str] = ()) -> str:
    """The bank, with lines of comment at its head."""
    comments = [f"// {' '.join(line.split())}".rstrip() for line in header]
    blocks = ["\n".join(comments)] if comments else []
    blocks += [write_question(question) for question in questions]
    return "\n\n".join(blocks) + "\n"


def write_question(question: GiftQuestion) -> str:
    marks = [f"[id:{_mark(question.id)}]"] if question.id else []
    marks += [f"[tag:{_mark(tag)}]" for tag in question.tags]
    lines = [f"// {' '.join(marks)}"] if marks else []
    title = f"::{escaped(question.title)}::" if question.title else ""
    default = "moodle"
    stem = question.stem
    # A bare "//" would begin a comment, a bare "[html]" be taken for the format.
    named = stem.format != default or bool(re.match(r"//|\[", stem.text))
    text = title + (f"[{stem.format}]" if named else "") + escaped(stem.text)
    if isinstance(question.body, Description):
        lines.append(text)
    else:
        answers = list(_answers(question, stem.format))
        if len(answers) < 2:
            lines.append(f"{text}{{{''.join(answers)}}}{escaped(question.after)}")
        else:
            first = f"{text}{{{'#' if isinstance(question.body, Numerical) else ''}"
            lines += [first, *(f"\t{answer}" for answer in answers)]
            lines.append(f"}}{escaped(question.after)}")
    return "\n".join(lines)


def escaped(text: str) -> str:
    """The text with an escape before each sign of GIFT's; newlines as \\n."""
    text = _UNWRITABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SIGNS.sub(lambda m: "\\n" if m.group() == "\n" else f"\\{m.group()}", text)


def percent(weight: Decimal) -> str:
    """%50%, %33.33333%, %-25%: at most five places, no idle zeros."""
    rounded = weight.quantize(Decimal("0.00001"))
    text = format(rounded.normalize(), "f")
    return f"%{'0' if text == '-0' else text}%"


def _mark(value: str) -> str:
    return " ".join(value.replace("]", ")").split())


def _answers(question: GiftQuestion, default: str) -> Iterator[str]:
    body = question.body
    match body:
        case Choices():
            yield from (_answer(answer, default, chosen=True) for answer in body.answers)
        case Short():
            yield from (_answer(answer, default) for answer in body.answers)
        case Numerical():
            single = len(body.answers) == 1 and not body.otherwise and not question.feedback
            yield from (
                f"{'#' if single else ''}{_answer(answer, default)}" for answer in body.answers
            )
            if body.otherwise:
                yield f"~#{_words(body.otherwise, default)}"
        case Matching():
            for pair in body.pairs:
                item = f"{_words(pair.item, default)} " if pair.item else ""
                yield f"={item}-> {escaped(pair.target)}"
        case TrueFalse():
            remarks = [body.if_wrong, body.if_right]
            while remarks and remarks[-1] is None:
                remarks.pop()
            said = "".join(f"#{_words(words, default) if words else ''}" for words in remarks)
            yield f"{'TRUE' if body.value else 'FALSE'}{said}"
        case Essay():
            pass
    if question.feedback:
        yield f"####{_words(question.feedback, default)}"


def _answer(answer: Answer, default: str, *, chosen: bool = False) -> str:
    sign = "=" if answer.right else "~"
    usual = RIGHT if answer.right or not chosen else WRONG
    named = answer.weight != usual or answer.text.text.startswith("%")
    weight = percent(answer.weight) if named else ""
    remark = f"#{_words(answer.feedback, default)}" if answer.feedback else ""
    return f"{sign}{weight}{_words(answer.text, default)}{remark}"


def _words(words: Words, default: str) -> str:
    named = words.format != default or _LOOKS_LIKE_A_FORMAT.match(words.text)
    return (f"[{words.format}]" if named else "") + escaped(words.text.strip(BLANKS))
