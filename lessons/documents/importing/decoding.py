"""Bytes of an upload to text: what is declared is believed, and nothing else is guessed."""

import codecs
import re

from django.utils.translation import gettext as _

from .draft import ImportRefused

TEXT_LIMIT = 2 * 1024 * 1024
XML_LIMIT = 16 * 1024 * 1024
"""Bytes; a whole volume of TEI is 4 to 10 MB."""

ENCODINGS = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "utf-16": "utf-16",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "koi8-r": "koi8_r",
    "iso-8859-1": "latin-1",
    "iso-8859-5": "iso8859_5",
    "iso-8859-2": "iso8859_2",
}
"""The encodings that can be declared."""

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FILES = (
    (b"PK\x03\x04", "a Word document (docx) or another zip archive"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Word document (doc)"),
    (b"{\\rtf", "a rich-text document (RTF)"),
    (b"\x1f\x8b", "a compressed file (gz)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3", "a database"),
)
XML_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
TEXT_DECLARED = re.compile(rb"(?i)^.{0,40}\b(?:coding|charset)\s*[:=]\s*\"?([a-z0-9._-]{1,40})")
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def is_xml(data: bytes) -> bool:
    """True for what begins as markup does, in any encoding with a mark of order or ASCII's."""
    start = data[:64].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<") and not re.match(rb"<https?:", start)


def decode(data: bytes, *, encoding: str = "") -> str:
    """The text with plain newlines. `encoding` is what the editor says, empty for nothing.

    Raises ImportRefused for a file of another kind, a wrong encoding, too much, or nothing.
    """
    for magic, what in OTHER_FILES:
        if data.startswith(magic):
            raise ImportRefused(
                _("This is %(what)s; save it as plain text or copy its words.") % {"what": _(what)}
            )
    refuse_size(data)
    text = _text(data, encoding).replace("\r\n", "\n").replace("\r", "\n")
    check(text)
    return text


def refuse_size(data: bytes) -> None:
    """Raise ImportRefused for more than can be imported: TEXT_LIMIT, or of XML XML_LIMIT."""
    limit = XML_LIMIT if is_xml(data) else TEXT_LIMIT
    if len(data) > limit:
        raise ImportRefused(
            _("This is larger than %(n)s MB, the most that can be imported.")
            % {"n": limit // 2**20}
        )


def check(text: str) -> None:
    """Raise ImportRefused for an empty text and for characters that cannot be kept."""
    if not text.strip():
        raise ImportRefused(_("There is nothing in it."))
    bad = UNSEEN.search(text)
    if bad:
        raise ImportRefused(
            _("Line %(line)s holds a character that is no text (U+%(code)s): is this a text file?")
            % {"line": text.count("\n", 0, bad.start()) + 1, "code": f"{ord(bad[0]):04X}"}
        )


def _text(data: bytes, encoding: str) -> str:
    for bom, codec in BOMS:
        if data.startswith(bom):
            return _decode(data, codec, codec.removesuffix("-sig").upper())
    declared = XML_DECLARED.match(data) or TEXT_DECLARED.match(data)
    name = (encoding or (declared[1].decode("ascii") if declared else "") or "utf-8").lower()
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    allowed = {codecs.lookup(known).name: known for known in ENCODINGS.values()}
    if codec not in allowed:
        raise ImportRefused(
            _("Its encoding is called “%(name)s”, which is not known here; save it as UTF-8.")
            % {"name": name}
        )
    return _decode(data, codec, name)


def _decode(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except UnicodeError:
        raise ImportRefused(
            _(
                "This is not %(name)s: save it as UTF-8, or say which encoding it has "
                "(Windows-1251, for example)."
            )
            % {"name": name}
        ) from None
