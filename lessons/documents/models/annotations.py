"""Notes on a document's words, and the other documents it is compared with."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from lessons.core.models import PublishedModel, PublishedQuerySet

from .people import (
    Certainty,
    Circle,
    DatePrecision,
    Person,
    Reference,
    Term,
    date_text,
    validate_circles,
)
from .records import Anchored, anchored_constraints


class Annotation(Anchored, PublishedModel):
    """A note on some words. Notes that interpret wait until a chunk's questions are answered."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("word")
        TERM = "term", _("term")
        PERSON = "person", _("person")
        PLACE = "place", _("place")
        CONTEXT = "context", _("context")
        TRANSLATION = "translation", _("translation")
        SOURCING = "sourcing", _("sourcing")
        RHETORIC = "rhetoric", _("rhetoric")
        DISPUTE = "dispute", _("dispute")

    class Reveal(models.TextChoices):
        WITH_TEXT = "with-text", _("with the text")
        AFTER_QUESTIONS = "after-questions", _("after the chunk's questions")

    INTERPRETING = ("translation", "sourcing", "rhetoric", "dispute")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    term = models.ForeignKey(
        Term,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="annotations",
        verbose_name=_("term in the glossary"),
    )
    person = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="annotations",
        verbose_name=_("person it is about"),
    )
    heading = models.CharField(_("heading"), max_length=80)
    body = models.TextField(_("note"), help_text=_("Markdown, 20–60 words; a word note ten"))
    certainty = models.CharField(
        _("certainty"), max_length=12, choices=Certainty.choices, blank=True
    )
    certainty_note = models.CharField(
        _("from what, or what would settle it"), max_length=300, blank=True
    )
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)
    author = models.CharField(_("author"), max_length=80, default="The editors")
    known_from = models.DateField(
        _("known from"), null=True, blank=True, help_text=_("Empty: before the document's day.")
    )
    core = models.BooleanField(
        _("core"), default=False, help_text=_("Shown in lessons; the others on the document page.")
    )
    reveal = models.CharField(_("shown"), max_length=16, choices=Reveal.choices)

    objects: ClassVar = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["text", "start", "end", "key"]
        constraints = [
            *anchored_constraints("annotation"),
            models.CheckConstraint(
                condition=models.Q(kind="language") | ~models.Q(certainty=""),
                name="annotation_states_its_certainty",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["translation", "sourcing", "rhetoric", "dispute"])
                | models.Q(reveal="after-questions"),
                name="annotation_that_interprets_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="term") | models.Q(term__isnull=True),
                name="annotation_of_a_term_has_its_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="person") | models.Q(person__isnull=True),
                name="annotation_of_a_person_has_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    def clean(self) -> None:
        if self.kind != self.Kind.LANGUAGE and not self.certainty:
            raise ValidationError({"certainty": _("Say how certain this is.")})
        if self.kind in self.INTERPRETING and self.reveal != self.Reveal.AFTER_QUESTIONS:
            raise ValidationError(
                {"reveal": _("A note that interprets is shown after the chunk's questions.")}
            )
        if self.term_id and self.kind != self.Kind.TERM:
            raise ValidationError({"term": _("Only a note of the kind “term” has one.")})
        if self.person_id and self.kind != self.Kind.PERSON:
            raise ValidationError({"person": _("Only a note of the kind “person” has one.")})


class SourceCard(PublishedModel):
    """Another document, described in our own words for comparison; its text is not copied."""

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    genre = models.CharField(_("genre"), max_length=120)
    who_to_whom = models.CharField(_("who to whom"), max_length=300)
    date = models.DateField(_("date"))
    date_precision = models.CharField(
        _("precision"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    kept_where = models.CharField(_("kept where"), max_length=300)
    says = models.TextField(_("what it says, in our words"), help_text=_("Markdown"))
    limits = models.TextField(_("what it cannot tell us"), help_text=_("Markdown"))
    known_to = models.JSONField(
        _("who could know"),
        default=list,
        validators=[validate_circles],
        help_text=str(Circle.values),
    )
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="source_cards")

    class Meta:
        ordering = ["date", "key"]
        constraints = [models.UniqueConstraint(fields=["key"], name="source_card_key_unique")]

    def __str__(self) -> str:
        return self.title

    @property
    def date_text(self) -> str:
        """Its date as far as it is known."""
        return date_text(self.date, self.date_precision)
