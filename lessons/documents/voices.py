"""One voice at a time: the text of a record with all but one voice dimmed.

Which voice each word has may be what readers are asked to find, so higher apps register rules
that keep the switch back until a reader has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from .models import Document, Passage, VoiceSpan

VOICES = list(VoiceSpan.Voice)


@dataclass(frozen=True)
class Waiting:
    """What a reader has to do first, and where."""

    title: str
    address: str


Keeper = Callable[[HttpRequest, Document], Waiting | None]
keepers: list[Keeper] = []


def keeps_voices(function: Keeper) -> Keeper:
    """Register a rule; it answers with what the reader has to do first, or None."""
    if function not in keepers:
        keepers.append(function)
    return function


def waits_for(request: HttpRequest, document: Document) -> Waiting | None:
    """What keeps the voices of the document from this reader; None where nothing does."""
    return next((found for rule in keepers if (found := rule(request, document))), None)


def any_voices(passages: Iterable[Passage]) -> bool:
    """Whether anything in these passages (with their texts and spans) has a voice to look for."""
    return any(
        span.voice != VoiceSpan.Voice.EDITOR
        for passage in passages
        for text in passage.texts.all()
        for span in text.voicespans.all()
    )


def voice_in(request: HttpRequest) -> str:
    """The voice that the address asks for; empty for all of them, or one there is not."""
    asked = request.GET.get("voice", "")
    return asked if asked in VoiceSpan.Voice.values else ""
