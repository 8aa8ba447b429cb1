"""The shipped record against its source, character by character; only line ends may differ."""

import re
from functools import cache

import yaml
from django.conf import settings

KEY = "record-1958-04-19"
SOURCE = settings.BASE_DIR / "fixtures" / "source" / f"{KEY}.md"
LABELS = ("Citation", "Summary", "Credits", "Original Language")


def folded(text: str) -> str:
    return " ".join(text.split())


@cache
def shipped() -> dict[str, dict[str, str]]:
    """Passage key → its fields and current text, from every file of the documents' fixtures."""
    passages: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    for path in sorted((settings.BASE_DIR / "fixtures" / "documents").glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            fields = row["fields"]
            if row["model"] == "documents.passage" and fields["document"] == [KEY]:
                passages[fields["key"]] = fields
            is_text = row["model"] == "documents.passagetext" and fields["passage"][0] == KEY
            if is_text and fields["is_current"]:
                texts[fields["passage"][1]] = fields["text"]
    assert passages.keys() == texts.keys()
    ordered = sorted(passages.values(), key=lambda fields: int(fields["order"]))
    return {fields["key"]: {**fields, "text": texts[fields["key"]]} for fields in ordered}


def source_parts() -> tuple[dict[str, str], str]:
    """(label → modern text, the record), without the marks of Markdown."""
    source = SOURCE.read_text(encoding="utf-8")
    top, record = source.split("**Contents:**")
    pieces = re.split(r"\*\*([^*]+):\*\*", top)
    labelled = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    modern = {
        label: re.sub(r"<(https?://[^>]+)>", r"\1", folded(text))
        for label, text in labelled.items()
    }
    kind, _line, rest = record.strip().partition("\n")
    assert kind == "Translation - English"
    return modern, rest


def test_record_is_the_source_to_the_character() -> None:
    _modern, record = source_parts()
    words = [fields["text"] for fields in shipped().values() if fields["kind"] != "metadata"]
    assert folded(" ".join(words)) == folded(record)


def test_record_has_fourteen_paragraphs_in_order() -> None:
    found = list(shipped().values())
    assert [fields["kind"] for fields in found[:16]] == ["heading", *["body"] * 14, "signature"]
    assert [fields["number"] for fields in found if fields["kind"] == "body"] == list(range(1, 15))


def test_paragraphs_are_the_source_s_paragraphs() -> None:
    """A page turn inside a sentence is no paragraph: the source's blank line there is one turn."""
    _modern, record = source_parts()
    blocks = [folded(block) for block in re.split(r"\n\s*\n", record.strip())]
    texts = [folded(fields["text"]) for fields in shipped().values() if fields["kind"] == "body"]
    joined = iter(blocks[2:-2])
    for text in texts:
        block = next(joined)
        while block != text:
            assert text.startswith(block), (text, block)
            block = f"{block} {next(joined)}"
    assert next(joined, None) is None


def test_lines_of_heading_and_signature_are_the_source_s_lines() -> None:
    _modern, record = source_parts()
    lines = [line.strip() for line in record.split("\n") if line.strip()]
    found = shipped()
    heading = [line for line in found["heading"]["text"].split("\n") if line]
    assert heading == lines[: len(heading)]
    signature = [line for line in found["signature"]["text"].split("\n") if line]
    assert signature == lines[-len(signature) :]


def test_modern_words_are_the_source_s_too() -> None:
    modern, _record = source_parts()
    assert tuple(modern) == LABELS
    found = {
        fields["label"]: folded(fields["text"])
        for fields in shipped().values()
        if fields["kind"] == "metadata"
    }
    assert found == modern


def test_title_and_date_are_the_source_s() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    rows = yaml.safe_load(
        (settings.BASE_DIR / "fixtures" / "documents" / "record.yaml").read_text(encoding="utf-8")
    )
    (fields,) = [row["fields"] for row in rows if row["model"] == "documents.document"]
    bold = re.findall(r"\*\*([^*]+[^:*])\*\*", source)
    assert bold[:2] == [fields["date"].strftime("%B %d, %Y"), fields["title"]]
