"""User names made from names, in any of the scripts the classes write. Pure but for the dice."""

import secrets
import unicodedata

STEM_LENGTH = 40
DIGITS = "23456789"
FALLBACK = "student"

# BGN/PCGN romanisation without its apostrophes; for Urdu the usual spelling in passports.
CYRILLIC = (
    "а a б b в v г g д d е e з z и i й y к k л l м m н n о o п p р r с s т t у u ф f ы y э e ё yo "
    "ж zh х kh ц ts ч ch ш sh щ shch ю yu я ya є ye і i ї yi ґ g"
)
ARABIC = (
    "ا a آ a ب b پ p ت t ٹ t ث s ج j چ ch ح h خ kh د d ڈ d ذ z ر r ڑ r ز z ژ zh س s ش sh ص s ض z "
    "ط t ظ z ع a غ gh ف f ق q ک k ك k گ g ل l م m ن n ں n و w ہ h ه h ھ h ی y ي y ى a ے e"
)
LATIN = "ß ss æ ae œ oe ø o đ d ð d þ th ł l ı i"
LETTERS = {
    letter: sound
    for table in (CYRILLIC, ARABIC, LATIN)
    for letter, sound in zip(*[iter(table.split())] * 2, strict=True)
}
LONG = {"aa": "a", "ii": "i", "uu": "u"}


def romanised(name: str) -> str:
    """A name in the letters a–z, words apart by dots; "" where no letter of it is known.

    >>> romanised("Ольга Петрова"), romanised("Zoë O'Neill-Łuk")
    ('olga.petrova', 'zoe.oneill.luk')
    """
    words = []
    for word in name.casefold().replace("-", " ").split():
        letters = "".join(_letter_by_letter(unicodedata.normalize("NFC", word)))
        if letters:
            words.append(letters)
    return ".".join(words)


def username_for(name: str, *, digits: int = 3) -> str:
    """A user name from a name and some digits of chance.

    The digits are always there: without them, a name with digits would tell that another person
    has it without.
    """
    stem = romanised(name)[:STEM_LENGTH].strip(".") or FALLBACK
    return f"{stem}.{''.join(secrets.choice(DIGITS) for _ in range(digits))}"


def _letter_by_letter(word: str) -> list[str]:
    found: list[str] = []
    for sign in word:
        if sign in LETTERS:
            found.append(LETTERS[sign])
        elif unicodedata.name(sign, "").startswith("DEVANAGARI "):
            _add_devanagari(found, unicodedata.name(sign).split()[1:])
        else:
            plain = unicodedata.normalize("NFKD", sign)
            found.extend(
                letter.lower() for letter in plain if letter.isascii() and letter.isalnum()
            )
    if _is_consonant(word[-1]) and len(found) > 1:
        found[-1] = found[-1].removesuffix("a")  # the last one is not spoken
    return found


def _is_consonant(sign: str) -> bool:
    name = unicodedata.name(sign, "")
    return name.startswith("DEVANAGARI LETTER ") and name.endswith("A") and len(name) > 19


def _add_devanagari(found: list[str], words: list[str]) -> None:
    """A consonant carries its own a, which a vowel sign replaces and a virama takes away.

    `words` is the letter's name in Unicode, which is its sound: LETTER KA, VOWEL SIGN I.
    """
    sound = LONG.get(words[-1].lower(), words[-1].lower())
    if "VOCALIC" in words:
        sound += "i"
    if words[-1] == "VIRAMA" or words[0] == "VOWEL":
        if found:
            found[-1] = found[-1].removesuffix("a")
        if words[0] == "VOWEL":
            found.append(sound)
    elif words[0] == "LETTER":
        found.append(sound)
    elif sound in ("anusvara", "candrabindu"):
        found.append("n")
