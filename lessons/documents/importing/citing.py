"""Archives' references: the Soviet form in its parts, others as they are written."""

import re

REPOSITORIES = {
    "RGANI": "RGANI (Russian State Archive of Contemporary History), Moscow",
    "RGASPI": "RGASPI (Russian State Archive of Socio-Political History), Moscow",
    "GARF": "GARF (State Archive of the Russian Federation), Moscow",
    "AVPRF": "AVPRF (Foreign Policy Archive of the Russian Federation), Moscow",
    "AVP RF": "AVPRF (Foreign Policy Archive of the Russian Federation), Moscow",
    "APRF": "APRF (Archive of the President of the Russian Federation), Moscow",
    "TsKhSD": "TsKhSD (Centre for the Preservation of Contemporary Documentation), Moscow",
}
_NUMBER = r"[0-9][0-9A-Za-zА-Яа-я]*"
_RANGE = rf"{_NUMBER}(?:\s?(?:ob\.|об\.))?(?:\s?[-–—,]\s?{_NUMBER})*"
SOVIET = re.compile(
    rf"""(?ix) \b(?:f|fond|ф|фонд)\b\.?\s?(?P<fond>{_NUMBER}) [\s,;]*
    (?: (?:op|opis'?|оп|опись)\b\.?\s?(?P<opis>{_NUMBER}) [\s,;]* )?
    (?: (?:por|p|п)\.?\s?{_NUMBER} [\s,;]* | (?:pap|papka|папка)\.?\s?{_NUMBER} [\s,;]* )?
    (?: (?:d|delo|д|дело)\b\.?\s?(?P<delo>{_NUMBER}) [\s,;]* )?
    (?: (?:ll?|list[yi]?|лл?|листы?)\b\.?\s?(?P<leaves>{_RANGE}) )?"""
)


def soviet_parts(text: str) -> dict[str, str]:
    """repository, archival_reference, fond, opis, delo, leaves, where the text names a fond."""
    match = SOVIET.search(text)
    if not match or not (match["opis"] or match["delo"]):
        return {}
    parts = {name: value for name, value in match.groupdict().items() if value}
    before = text[: match.start()].rstrip(" ,;")
    name = re.split(r"[,;:.]\s", before)[-1].strip(' "“”(') if before else ""
    if 0 < len(name) <= 100:
        parts["repository"] = REPOSITORIES.get(name, name)
    whole = text[match.start() : match.end()].rstrip(" ,;")
    parts["archival_reference"] = f"{name}, {whole}" if 0 < len(name) <= 40 else whole
    return parts


CONTRIBUTED = re.compile(
    r"(?i)\b(?:contributed|obtained|provided)(?:\s+for\s+[^.;,]{1,60}?)?\s+by\s+(?P<who>[^.;,]{2,100}?)"
    r"(?=\s+and\s+(?:translated|transcribed|published)|[.;,]\s|[.;,]?$)"
)
TRANSLATED = re.compile(
    r"(?i)\btranslated(?:\s+(?:from|into)\s+[A-Z]\w+)?\s+(?:for\s+[^.;,]{2,60}?\s+)?by\s+"
    r"(?P<who>[^;,<]{2,100}?)(?=[;,]\s|\.\s+[<A-Z(]|\.?\s*<|\.?$|\.\s*http)"
)
ADDRESS = re.compile(r"https?://[^\s<>\"”]+")
PUBLISHERS = (
    "Wilson Center Digital Archive",
    "History and Public Policy Program Digital Archive",
    "National Security Archive",
    "Cold War International History Project",
    "Miller Center",
    "The American Presidency Project",
)


def people_of(citation: str) -> dict[str, str]:
    """contributor, translator, published_by and source_address that a citation names."""
    found = {}
    for name, pattern in (("contributor", CONTRIBUTED), ("translator", TRANSLATED)):
        if match := pattern.search(citation):
            found[name] = match["who"].strip().rstrip(".")
    if address := ADDRESS.search(citation):
        found["source_address"] = address[0].rstrip(".,)")
    for publisher in PUBLISHERS:
        if publisher in citation:
            found["published_by"] = publisher
            break
    return found


def between_publisher_and_end(citation: str, publisher: str) -> str:
    """The archive's own reference: what follows the publisher, to the sentence's end."""
    if not publisher or publisher not in citation:
        return ""
    rest = citation.split(publisher, 1)[1].lstrip(" ,.")
    rest = re.split(
        r"(?i)\.\s+(?:contributed|obtained|translated|published|<|http)|<http|http", rest
    )[0]
    return rest.strip(" ,.")
