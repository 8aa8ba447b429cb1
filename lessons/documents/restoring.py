"""How earlier words of a passage come back: as a correction, which makes a new text."""

from typing import Any, cast

from lessons.core.models import ContentModel
from lessons.core.restoring import before_restoring, kept

from .anchors import resolve
from .domain import anchor, anchored_models, correct_text, is_anchored, selector_of
from .models import PageTurn, Passage, PassageText


def rewrite(passage: int, text: int, by: Any) -> None:
    """Make the words of an old text those of the passage, with the page turns they had.

    What was left on the old text as an orphan has its words again.
    """
    old = PassageText.objects.get(pk=text)
    new = correct_text(passage=Passage.objects.get(pk=passage), text=old.text, by=by).text
    for model in anchored_models():
        for row in cast("Any", model)._base_manager.filter(text=old):
            row.text = new
            row.save()
    turns = {turn.key: turn.offset for turn in old.page_turns.all()}
    for turn in new.page_turns.all():
        offset = turns.pop(turn.key, None)
        if offset is None:
            turn.delete()
        elif offset != turn.offset:
            turn.offset = offset
            turn.save()
    for key, offset in turns.items():
        PageTurn(text=new, key=key, offset=offset).save()


kept(PassageText, words="text", current="is_current", rewrite=rewrite)


@before_restoring
def stand_on_the_current_text(row: ContentModel) -> None:
    """An older state names an older text: its words are found in the one of now, or stay there."""
    if not is_anchored(type(row)):
        return
    anchored = cast("Any", row)
    old = PassageText.objects.filter(pk=anchored.text_id, is_current=False).first()
    current = PassageText.objects.filter(passage__texts=anchored.text_id, is_current=True).first()
    if old is None or current is None:
        return
    found = resolve(current.text, selector_of(anchored))
    if found is not None:
        anchored.text = current
        anchor(anchored, current.text, *found)
