"""What a document of a volume is: title, kind, day, place, and where it was found."""

import datetime as dt
import re

from django.utils.translation import gettext as _
from lxml import etree

from lessons.documents.importing.draft import Draft, Guess, Remark, Sure
from lessons.documents.importing.plain import find_when
from lessons.documents.importing.proposing import genre_of

from .files import XML_ID, child, each, in_note, words_of
from .volumes import period


def describe(draft: Draft, root: etree._Element, document: etree._Element, id_: str) -> str:
    """Fill the fields; returns how the document speaks (letter, telegram …)."""
    fields = draft.fields
    title = words_of(child(document, "head")) or words_of(next(each(root, "title"), None))
    title = re.sub(r"^\[?(?:No\.\s*)?\d+[a-z]?[.\]]+\s+", "", title).strip() or id_
    fields["title"] = Guess(title[:300], Sure.STATED, _("The document's heading."))
    if len(title) > 300:
        draft.remarks.append(
            Remark(
                draft.source_start,
                title[300:],
                _("The title is longer than 300 characters and was cut."),
            )
        )
    genre, form = genre_of(title)
    if document.get("subtype") == "editorial-note":
        form = "editorial note"
        genre = Guess(form, Sure.STATED, _("The volume says so."))
    fields["genre"] = genre
    _date(draft, document)
    places = (place for place in each(document, "placeName") if not in_note(place))
    if place := words_of(next(places, None)).strip(" ,"):
        fields["place"] = Guess(place[:120], Sure.STATED, _("The dateline's place."))
    date = draft.value("date")
    short = title if len(title) <= 60 else title[:60].rsplit(" ", 1)[0] + "…"
    fields["short_title"] = Guess(
        f"{short}, {date}" if date else short, Sure.GUESS, _("Title and date.")
    )
    fields["language"] = Guess("en", Sure.GUESS, _("English is taken for granted."))
    _summary(draft)
    _source(draft)
    _volume(draft, root, id_)
    return form


def _date(draft: Draft, document: etree._Element) -> None:
    """The file's own date; of a span, its month or year, or else the day it begins."""
    first, last = period(document)
    try:
        begin = dt.date.fromisoformat((first + "-01-01")[:10])
        end = dt.date.fromisoformat(last) if len(last) == len(first) == 10 else begin
    except ValueError:
        heading = next((p.text for p in draft.passages if p.kind == "heading"), "")
        body = next((p.text for p in draft.passages if p.kind == "body"), "")
        find_when(draft, [heading, body[:300]])
        return
    precision = {4: "year", 7: "month"}.get(len(first), "day")
    sure, why = Sure.STATED, _("The file's own date.")
    days = (end - begin).days
    if days > 0:
        sure = Sure.LIKELY
        why = _("The file says: from %(first)s to %(last)s.") % {"first": first, "last": last}
        if days >= 27 and first[:7] == last[:7]:
            begin, precision = begin.replace(day=1), "month"
        elif days >= 360 and first[:4] == last[:4]:
            begin, precision = begin.replace(month=1, day=1), "year"
    draft.fields["date"] = Guess(begin.isoformat(), sure, why)
    draft.fields["date_precision"] = Guess(precision, sure, why)


def _summary(draft: Draft) -> None:
    summary = next((note for note in draft.notes if note.heading == _("Summary")), None)
    if summary:
        draft.fields["summary"] = Guess(summary.body, Sure.STATED, _("The volume's summary."))
        draft.fields["summary_by"] = Guess(
            _("The volume's editors"), Sure.LIKELY, _("It stands in the volume.")
        )


def _source(draft: Draft) -> None:
    note = next((n for n in draft.notes if n.kind == "sourcing"), None)
    if note:
        said = re.sub(r"^\W*Source:\s*", "", note.body)
        kept = re.split(r"(?<![A-Z])\.\s+(?=[A-Z(\[])", said)[0].rstrip(".")
        draft.fields["archival_reference"] = Guess(
            kept[:120], Sure.LIKELY, _("The source note's first sentence.")
        )
        draft.fields["repository"] = Guess(
            re.split(r"[,:;]", kept)[0][:200], Sure.LIKELY, _("How the source note begins.")
        )


def _volume(draft: Draft, root: etree._Element, id_: str) -> None:
    titles = {
        title.get("type", ""): words_of(title)
        for statement in each(root, "titleStmt")
        for title in each(statement, "title")
    }
    if volume := titles.get("complete") or next(iter(titles.values()), ""):
        draft.fields["published_by"] = Guess(volume[:200], Sure.STATED, _("The file's title."))
        number = re.sub(r"^d(?=\d)", "", id_)
        draft.fields["citation"] = Guess(
            _("%(volume)s, document %(number)s.") % {"volume": volume, "number": number},
            Sure.LIKELY,
            _("Made of the file's title and the document's number."),
        )
    names = [words_of(idno) for idno in each(root, "idno") if idno.get("type") == "frus"]
    name = next(filter(None, [root.get(XML_ID), *names]), "")
    if re.fullmatch(r"frus[\w-]+", name):
        draft.fields["source_address"] = Guess(
            f"https://history.state.gov/historicaldocuments/{name}/{id_}", Sure.LIKELY,
            _("Where the Office of the Historian shows it."),
        )  # fmt: skip
