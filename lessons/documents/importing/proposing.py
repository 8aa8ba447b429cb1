"""Who speaks in a passage, and in what voice: proposals with a reason, never more."""

import re
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from .draft import Draft, Guess, PassageDraft, PersonDraft, Sure

HONORIFICS = {
    "comrade", "comrades", "cde", "com", "mr", "mrs", "ms", "miss", "dr", "sir", "lord", "lady",
    "ambassador", "minister", "president", "premier", "chairman", "secretary", "general", "marshal",
    "chancellor", "prime", "foreign", "deputy", "first", "vice", "senator", "prince", "king",
    "professor", "colonel", "admiral", "captain", "major", "his", "her", "excellency", "the", "of",
    "state", "chargé", "minister-counselor", "attaché", "governor", "under", "acting", "shri",
    "gen", "genosse", "genossin", "herr", "frau", "monsieur", "mme", "tov", "тов", "товарищ",
    "посол", "министр",
}  # fmt: skip
SPEECH = (
    r"(?:said|says|replied|answered|asked|added|continued|declared|stated|stressed|noted|thanked|"
    r"recalled|remarked|observed|explained|emphasi[sz]ed|pointed out|mentioned|responded|suggested|"
    r"proposed|agreed|concluded|began|opened|told|expressed|believed|felt|thought|indicated|"
    r"reiterated|repeated|assured|inquired|commented|insisted|objected|reported|warned|argued|"
    r"interrupted|interjected|confirmed|promised|invited|referred|considered|hoped|wished|wondered|"
    r"read|handed|underlined|maintained|admitted|announced|summari[sz]ed)"
)
FIRST_PERSON = re.compile(r"\b(?:I|we|We|our|Our|us|my|My|me|мы|Мы|я|Я|наш\w*)\b")
QUOTED = re.compile(r"[\"“«][^\"”»]*(?P<end>[\"”»])?")
SPEECH_WORD = re.compile(rf"\b{SPEECH}\b")
LABEL = re.compile(
    r"^(?:\*\*|__)?(?P<who>[A-ZА-ЯÀ-Þ][\w.'’\-]*(?:[ ,]+(?:[A-ZА-ЯÀ-Þ(][\w.'’\-)]*|de|von|van|der|al|of|the|and|bin|din|zu))*)"  # noqa: E501
    r"(?:\s*\[[^\]]{1,40}\])?\s*:(?:\*\*|__)?(?=\s|$)"
)

NUMBER = re.compile(r"^\s*(?:\(?\d{1,3}[.)]|§\s?\d+|¶\s?\d+|[IVX]{1,5}\.)\s+(?=\S)")


@dataclass(frozen=True)
class Named:
    name: str
    role: str = ""


def read_name(words: str) -> Named | None:
    """A name without the titles before it, and what follows its first comma as the role."""
    words = re.sub(r"\s+", " ", re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", words)).strip(" .,;:*_")
    name, role = [*re.split(r",|\s[-–—]\s", words, maxsplit=1), ""][:2]
    tokens = name.strip().split(" ")
    titles = [
        index for index, token in enumerate(tokens[:-1]) if token.strip(".,").lower() in HONORIFICS
    ]
    before = " ".join(tokens[: titles[-1] + 1]) if titles else ""
    tokens = tokens[titles[-1] + 1 :] if titles else tokens
    name = " ".join(tokens).strip()
    if not name or not name[0].isupper() or len(tokens) > 5 or any(map(str.isdigit, name)):
        return None
    if name.lower().strip(".") in HONORIFICS:
        return None
    if len(name) > 3 and name.isupper():
        name = " ".join(token if "." in token else token.capitalize() for token in tokens)
    role = role.strip() or ("" if before.lower().strip(".") in SHORT_TITLES else before)
    return Named(name[:120], role[:200])


SHORT_TITLES = {"mr", "mrs", "ms", "miss", "comrade", "cde", "com", "dr", "sir", "comrades", "the"}
BETWEEN = re.compile(
    r"(?is)\b(?:between|of\s+conversation\s+of|talk\s+of|conversation\s+with|meeting\s+with)\s+(?P<who>.+)"
)


WHEN_OR_WHERE = re.compile(
    r"(?i),?\s+(?:on|in|at|regarding|concerning|about|during|dated)\s+"
    r"(?=[\dA-Z'\"“])(?!the USSR|USSR)"
    # "the Ambassador in Kabul, A. Petrov, and …" goes on with whom he met.
    r"(?![^,]{2,40},\s[^,]{2,60},\s+and\s)"
)
AND = re.compile(r",?\s+(?:and|with|&)\s+|;")
OFFICE = re.compile(
    r"^(?P<office>(?:the\s)?[^,]*\s(?:of|to|in|for)\s[^,]+),\s+"
    r"(?P<name>(?:[A-Z]\.\s?){0,3}[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2}),?$"
)


def _office_first(piece: str) -> Named | None:
    """Of “the Ambassador of the USSR in Kabul, A. Petrov”: A. Petrov, who is that."""
    match = OFFICE.match(piece.strip())
    return Named(match["name"], match["office"][:200]) if match else None


def names_in_title(title: str) -> list[Named]:
    """The people a title names after “between”, in its order."""
    match = BETWEEN.search(title)
    if not match:
        return []
    rest = WHEN_OR_WHERE.split(match["who"].strip(" .'\"”"), maxsplit=1)[0]
    found = [_office_first(piece) or read_name(piece) for piece in AND.split(rest)]
    unique: dict[str, Named] = {}
    for named in found:
        if named is not None:
            unique.setdefault(named.name.casefold(), named)
    return list(unique.values())[:8]


NO_NAMES = {
    "result", "results", "conclusion", "conclusions", "example", "first", "second", "third",
    "finally", "question", "answer", "important", "background", "problem", "problems", "reason",
    "reasons", "summary", "comment", "comments", "remark", "remarks", "following", "objective",
    "objectives", "purpose", "agenda", "decision", "decisions", "resolved", "recommendation",
    "recommendations", "proposal", "proposals", "point", "points", "item", "items", "annex",
    "annexes", "appendix", "enclosure", "attachment", "figure", "table", "chapter", "part",
    "section", "article", "warning", "attention", "here", "there", "this", "that", "these",
    "they", "secret", "urgent", "immediate",
}  # fmt: skip
"""Words before a colon that are nobody's name."""


def add_labelled(draft: Draft, not_names: frozenset[str]) -> None:
    """People of whom only a name before a colon tells, even once.

    A name with a title or in several words is likely; one word alone is a weak guess.
    """
    for passage in draft.passages:
        match = LABEL.match(without_number(passage.text))
        if passage.kind != "body" or not match or not without_number(passage.text)[match.end() :]:
            continue
        who = match["who"]
        bare = {word.strip(".").casefold() for word in who.split()}
        if who.casefold() in not_names or bare & NO_NAMES or len(bare) > 5:
            continue
        named = read_name(who)
        if named is None or any(same_name(p.name, named.name) for p in draft.people):
            continue
        add_person(draft, named, hand="speaker", why=_("The name before a colon."))


def without_number(text: str) -> str:
    """A paragraph without the number before it."""
    return NUMBER.sub("", text)


def add_person(draft: Draft, named: Named, *, hand: str, why: str, id_: str = "") -> PersonDraft:
    """The draft's person of this name, made where there is none yet."""
    own = id_ or slugify(named.name) or f"person-{len(draft.people) + 1}"
    found = draft.person(own) or next(
        (person for person in draft.people if same_name(person.name, named.name)), None
    )
    if found is None:
        found = PersonDraft(own[:60], named.name, named.name, named.role, hand, why=why)
        draft.people.append(found)
    else:
        if len(named.name) > len(found.name):
            found.name = named.name
        found.role = found.role or named.role
        found.hand = found.hand or hand
    return found


def signer(draft: Draft, signature: str) -> str:
    """The id of the person whose name a signature gives, or ""."""
    for line in signature.split("\n")[:4]:
        words = re.sub(r"(?i)^(?:signed|gez\.|/s/|\(signed\))[\s:]*", "", line.strip(" /[]()-–_"))
        named = read_name(words.rstrip(",")) if not line.strip().endswith(",") else None
        if named and (" " in named.name or line == signature):
            return add_person(draft, named, hand="speaker", why=_("Who signs it.")).id
    return ""


def surname(name: str) -> str:
    """The last word of a name that is longer than an initial."""
    long = [token for token in re.split(r"[\s,]+", name) if len(token.strip(".")) > 1]
    return (long[-1] if long else name).strip(".,").casefold()


def hand_of(words: str) -> str:
    """The part of somebody listed as present: all speak, unless the words say otherwise."""
    if re.search(r"(?i)note[- ]?taker|recorder|записал|protokoll", words):
        return "recorder"
    return (
        "interpreter" if re.search(r"(?i)\binterpret|переводчик|dolmetscher", words) else "speaker"
    )


def initials(name: str) -> list[str]:
    own = surname(name)
    return [
        part[0].casefold() for part in re.split(r"[\s.,]+", name) if part and part.casefold() != own
    ]


def same_name(one: str, other: str) -> bool:
    """True where surnames are alike and no initial speaks against it."""
    if surname(one) != surname(other):
        return False
    ours, theirs = initials(one), initials(other)
    return all(a == b for a, b in zip(ours, theirs, strict=False))


def propose(draft: Draft, *, writer: str = "", form: str = "") -> None:
    """Give every body passage a speaker and a voice. `writer` is the id of who signs a letter."""
    patterns = [(person, _pattern(person)) for person in draft.people]
    before: str = ""
    for passage in draft.passages:
        if passage.kind != "body":
            continue
        if passage.speaker.sure == Sure.NONE:
            passage.speaker = _speaker(passage.text, patterns, before, writer)
        if passage.voice.sure == Sure.NONE:
            passage.voice = _voice(passage, form)
        if passage.voice.value == "editor":
            passage.speaker = Guess("", Sure.LIKELY, _("An editor's words: nobody in the room."))
        before = passage.speaker.value or before


def _pattern(person: PersonDraft) -> re.Pattern[str]:
    tokens = {surname(person.name), surname(person.named_as)}
    known = "|".join(re.escape(token) for token in sorted(tokens) if len(token) > 1)
    return re.compile(rf"(?i)(?<!\w)(?:{known})(?!\w)" if known else r"(?!)")


def _speaker(
    text: str, patterns: list[tuple[PersonDraft, re.Pattern[str]]], before: str, writer: str
) -> Guess:
    if writer:
        return Guess(writer, Sure.LIKELY, _("Who signs it speaks in it."))
    if labelled := LABEL.match(without_number(text)):
        return _labelled(labelled["who"], patterns)
    opening = without_quotes(text)[:400]
    speech = SPEECH_WORD.search(opening)
    named = [
        (match.start(), person)
        for person, pattern in patterns
        for match in pattern.finditer(opening)
    ]
    named.sort(key=lambda pair: pair[0])
    if speech and named:
        at = speech.start()
        ahead = [(start, person) for start, person in named if start < at and at - start < 160]
        after = [(start, person) for start, person in named if 0 < start - speech.end() < 25]
        inverted = bool(re.search(r"[,”\"]\s*$", opening[:at]))
        # The subject stands first: "Hussein asked Khrushchev"; but "…, continued Hussein".
        pair = (after[:1] or ahead[:1]) if inverted else (ahead[:1] or after[:1])
        if pair:
            return Guess(
                pair[0][1].id,
                Sure.LIKELY,
                _("“%(who)s” stands beside “%(verb)s”.")
                % {"who": pair[0][1].named_as, "verb": speech[0]},
            )
    if named and named[0][0] < 40:
        return Guess(named[0][1].id, Sure.GUESS, _("It begins with this name."))
    if before:
        return Guess(before, Sure.GUESS, _("Nobody else is named: the one before goes on."))
    return Guess("", Sure.NONE, _("No name stands beside a word of speaking."))


def without_quotes(text: str) -> str:
    """The text with blanks in place of what stands in quotation marks that are closed."""
    return QUOTED.sub(lambda quote: " " * len(quote[0]) if quote["end"] else quote[0], text)


def _labelled(who: str, patterns: list[tuple[PersonDraft, re.Pattern[str]]]) -> Guess:
    """The person of the name before a colon; an office alone, as “The President”, names nobody."""
    found = [person for person, pattern in patterns if pattern.search(who)]
    if not found:
        return Guess("", Sure.NONE, _("“%s” stands before a colon, and names nobody known.") % who)
    sure = Sure.STATED if len(who.split()) > 1 or who.isupper() else Sure.LIKELY
    return Guess(found[0].id, sure, _("“%s” stands before the colon.") % who)


def _voice(passage: PassageDraft, form: str) -> Guess:
    text = passage.text
    bare = without_quotes(text)
    if re.fullmatch(r"\[[^\]]*\]", text.strip()):
        return Guess("editor", Sure.LIKELY, _("It stands in square brackets."))
    if passage.label == "turn" or (LABEL.match(without_number(text)) and passage.speaker.value):
        return Guess("first-person", Sure.STATED, _("A name and a colon stand before the words."))
    if not bare.strip(" .,;:—–-"):
        return Guess("quoted", Sure.LIKELY, _("All of it stands in quotation marks."))
    first, speech = FIRST_PERSON.search(bare), SPEECH_WORD.search(bare)
    if form in ("letter", "telegram"):
        return Guess("first-person", Sure.GUESS, _("A letter or telegram speaks for its writer."))
    if form == "editorial note":
        return Guess("editor", Sure.LIKELY, _("It is an editorial note."))
    if first and not speech:
        return Guess("first-person", Sure.LIKELY, _("“%s” is left standing.") % first[0])
    if speech:
        why = _("“%s” is the recorder's word.") % speech[0]
        if first:
            why += " " + _("But “%s” stands in it too: look for two voices.") % first[0]
        return Guess("reported", Sure.GUESS if first else Sure.LIKELY, why)
    return Guess("frame", Sure.GUESS, _("Nobody is said to speak."))


LANGUAGES = (
    ("de", "der die und das nicht ist mit den von dass daß"),
    ("fr", "le les des et une est que dans pour du"),
    ("es", "el los las y una que por con del"),
    ("pl", "i w z na się nie do że oraz przez"),
)


def language_of(text: str) -> Guess:
    """The language of a text, by its letters and its smallest words; a guess."""
    letters = [sign for sign in text if sign.isalpha()][:4000]
    for language, first, last in (("ru", "Ѐ", "ӿ"), ("ar", "؀", "ۿ"), ("zh", "一", "鿿")):
        if 2 * sum(first <= sign <= last for sign in letters) > len(letters):
            return Guess(language, Sure.GUESS, _("By its letters."))
    words = text.casefold().split()[:2000]
    for language, small in LANGUAGES:
        if len(words) > 10 and 8 * sum(word in small.split() for word in words) > len(words):
            return Guess(language, Sure.GUESS, _("By its smallest words."))
    return Guess("en", Sure.GUESS, _("English is taken for granted."))


GENRES = (
    ("запись беседы", "record of conversation", ""),
    ("note of the talk", "record of conversation", ""),
    ("niederschrift", "record of conversation", ""),
    ("compte rendu de l'entretien", "record of conversation", ""),
    ("telephone conversation", "transcript", ""),
    ("memorandum of conversation", "memorandum of conversation", ""),
    ("record of conversation", "record of conversation", ""),
    ("record of a conversation", "record of conversation", ""),
    ("memorandum of discussion", "memorandum of discussion", ""),
    ("editorial note", "editorial note", "editorial note"),
    ("telegram", "telegram", "telegram"),
    ("cable", "telegram", "telegram"),
    ("despatch", "despatch", "letter"),
    ("airgram", "airgram", "telegram"),
    ("letter", "letter", "letter"),
    ("message from", "message", "letter"),
    ("memorandum from", "memorandum", "letter"),
    ("memorandum", "memorandum", ""),
    ("minutes", "minutes", ""),
    ("transcript", "transcript", ""),
    ("protocol", "protocol", ""),
    ("report", "report", ""),
    ("speech", "speech", "letter"),
    ("address", "speech", "letter"),
    ("interview", "interview", ""),
    ("diary", "diary", "letter"),
    ("journal", "diary", ""),
)


def genre_of(title: str) -> tuple[Guess, str]:
    """The genre a title names, and how it speaks: "letter", "telegram", "editorial note" or ""."""
    lower = title.lower()
    for words, genre, form in GENRES:
        if words in lower:
            return Guess(genre, Sure.LIKELY, _("The title says “%s”.") % words), form
    return Guess("document", Sure.GUESS, _("The title names no kind of document.")), ""
