"""What exercises on a reported talk are made of: lines of the record on cards, and voices.

Nothing here knows any one document: lines, sides and voices are an editor's.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lessons.core.models import ContentModel
from lessons.documents.models import Passage, PassageText, Person, VoiceSpan

from .questions import Question


class Card(ContentModel):
    """A line of the record, in few words and as it stands, for the learner to decide on.

    On cards in lanes a line that awaits a reply has the paragraphs that may be taken for it, or
    none (`none_recorded`), or both where readers can defend either. For a text written anew it
    is a topic: kept, softened or left out.
    """

    class Act(models.TextChoices):
        ASKS = "asks", _("asks")
        OFFERS = "offers", _("offers")
        WARNS = "warns", _("warns")
        PRAISES = "praises", _("praises")
        DEFLECTS = "deflects", _("deflects")

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="cards")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(
        _("in few words"), max_length=120, help_text=_("As the record reports it, or a topic.")
    )
    text = models.ForeignKey(PassageText, models.PROTECT, related_name="cards")
    quote = models.TextField(_("words"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    speaker = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose lane"),
        help_text=_("One of the speakers of the document."),
    )
    act = models.CharField(_("what it does"), max_length=10, choices=Act.choices, blank=True)
    awaits_reply = models.BooleanField(
        _("awaits a reply"), default=False, help_text=_("Readers look for where it is answered.")
    )
    none_recorded = models.BooleanField(_("“no reply recorded” is accepted"), default=False)
    replies = models.ManyToManyField(
        Passage,
        verbose_name=_("paragraphs accepted as the reply"),
        blank=True,
        related_name="+",
        help_text=_("Each that a careful reader can defend."),
    )
    feedback = models.TextField(_("feedback"), blank=True, help_text=_("Two sentences at most."))

    class Meta:
        ordering = ["question", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="card_key_unique"),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="card_is_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(awaits_reply=True) | models.Q(none_recorded=False),
                name="card_without_a_reply_awaits_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Segment(ContentModel):
    """Words whose voice is asked for. Which voice it is, the span says: `voice`, or `or_voice`."""

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="segments")
    span = models.ForeignKey(
        VoiceSpan, models.PROTECT, related_name="segments", verbose_name=_("words")
    )
    feedback = models.TextField(_("feedback"), blank=True, help_text=_("Two sentences at most."))

    class Meta:
        ordering = ["question", "span__start", "key"]
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="segment_key_unique"),
            models.UniqueConstraint(fields=["question", "span"], name="segment_asks_a_span_once"),
        ]

    def __str__(self) -> str:
        return str(self.span)
