"""TEI XML in the shape of the volumes of Foreign Relations of the United States.

`files` reads what was sent, `volumes` lists its documents, `bodies` makes passages and notes of
one, `descriptions` says what it is and `people` who is in it.
"""

from lxml import etree

from lessons.documents.importing.draft import Draft, settle
from lessons.documents.importing.plain import join_broken
from lessons.documents.importing.proposing import propose

from .bodies import Reader, add_notes, add_passages, merged
from .descriptions import describe
from .files import all_text, line_of, parse
from .people import add_people, writer_of
from .volumes import Listed, choose, documents, find

__all__ = ["Listed", "documents", "find", "parse", "read", "read_from"]

EXCERPT = 5000
"""Lines of the source that are kept beside a draft; hardly a document is longer."""


def read(text: str, chosen: str = "") -> Draft:
    """The draft of one document of the file; the only one needs no id.

    Raises ImportRefused where the file is none, or the id is missing or unknown.
    """
    return read_from(parse(text), text, chosen)


def read_from(root: etree._Element, text: str, chosen: str = "") -> Draft:
    """The same of a file that is parsed already."""
    document, id_ = choose(root, chosen)
    draft = Draft("tei")
    first = line_of(document)
    last = max(line_of(element) for element in document.iter())
    following = document.getnext()
    last = max(last, line_of(following) - 1) if following is not None else last + 1
    draft.source_start = first
    draft.source = text.split("\n")[first - 1 : min(last, first + EXCERPT)]
    reader = Reader(draft)
    made = merged(reader.read(document))
    add_passages(draft, made)
    add_notes(draft, made, reader.loose)
    form = describe(draft, root, document, id_)
    mentioned = add_people(draft, root, document, made)
    join_broken(draft)
    settle(draft, all_text(document))
    propose(draft, writer=writer_of(draft, made, form), form=form)
    draft.people = [p for p in draft.people if p.id in mentioned or p.hand]
    return draft
