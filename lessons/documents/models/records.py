"""A document as an edition keeps it: passages, their texts, and every hand it passed through."""

import hashlib
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from lessons.core.models import ContentModel, PublishedModel

from .people import Certainty, DatePrecision, Person, Reference


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


class Document(PublishedModel):
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=300)
    short_title = models.CharField(_("short title"), max_length=120)
    genre = models.CharField(_("genre"), max_length=80, help_text=_("record of conversation"))
    language = models.CharField(_("language"), max_length=10, default="en")
    original_language = models.CharField(_("original language"), max_length=60, blank=True)
    date = models.DateField(_("date"))
    date_precision = models.CharField(
        _("precision"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    place = models.CharField(_("place"), max_length=120, blank=True)
    headnote = models.TextField(_("headnote"), help_text=_("Markdown, at most 90 words"))
    summary = models.TextField(_("summary"), blank=True)
    summary_by = models.CharField(_("who wrote the summary"), max_length=200, blank=True)
    repository = models.CharField(_("repository"), max_length=200)
    published_by = models.CharField(_("published by"), max_length=200, blank=True)
    fond = models.CharField(_("fond"), max_length=20, blank=True)
    opis = models.CharField(_("opis"), max_length=20, blank=True)
    delo = models.CharField(_("delo"), max_length=20, blank=True)
    leaves = models.CharField(_("leaves"), max_length=20, blank=True)
    archival_reference = models.CharField(_("archival reference"), max_length=120, blank=True)
    contributor = models.CharField(_("contributor"), max_length=120, blank=True)
    translator = models.CharField(_("translator"), max_length=120, blank=True)
    rights = models.TextField(_("rights"), blank=True)
    credit_line = models.TextField(_("credit line"), blank=True)
    citation = models.TextField(_("citation as the archive gives it"), blank=True)
    source_address = models.URLField(_("source address"), blank=True, max_length=400)

    class Meta:
        ordering = ["date", "key"]
        constraints = [models.UniqueConstraint(fields=["key"], name="document_key_unique")]

    def __str__(self) -> str:
        return self.short_title


class Participation(ContentModel):
    """One person's hand in a document: speaking, interpreting, recording."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", _("speaker")
        INTERPRETER = "interpreter", _("interpreter")
        RECORDER = "recorder", _("recorder")

    parent_field = "document"
    document = models.ForeignKey(Document, models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="participations")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    named_as = models.CharField(_("as the document names them"), max_length=120)
    order = models.PositiveSmallIntegerField(
        _("order"), help_text=_("Speakers are told apart by it: the first has the single rule.")
    )
    words_path = models.TextField(
        _("what their words went through"),
        blank=True,
        help_text=_("Of a speaker: a form of the words a line; ? before what is inferred."),
    )

    class Meta:
        ordering = ["document", "role", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="participation_key_unique"),
            models.UniqueConstraint(
                fields=["document", "person", "role"], name="participation_once_a_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.named_as} ({self.get_role_display()})"


class ProvenanceLink(ContentModel):
    """One step of the way from the talk to the reader. "Unknown" is a value."""

    class Stage(models.TextChoices):
        SPOKEN = "spoken", _("spoken")
        INTERPRETED = "interpreted", _("interpreted")
        RECORDED = "recorded", _("recorded")
        TYPED = "typed", _("typed")
        FILED = "filed", _("filed")
        RELEASED = "released", _("released")
        TRANSLATED = "translated", _("translated")
        PUBLISHED = "published", _("published")

    parent_field = "document"
    document = models.ForeignKey(Document, models.CASCADE, related_name="provenance")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices)
    order = models.PositiveSmallIntegerField(_("order"))
    who = models.CharField(_("who"), max_length=200, default="Unknown")
    when = models.CharField(_("when"), max_length=120, default="Unknown")
    known = models.TextField(_("what is known"), help_text=_("Markdown"))
    unknown = models.TextField(_("what is not known"), blank=True, help_text=_("Markdown"))
    could_change = models.TextField(_("what it could change"), help_text=_("Markdown"))
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="provenance_key_unique")
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.get_stage_display()}"


class Passage(ContentModel):
    """A block of the document in reading order; a body passage has a paragraph number."""

    class Kind(models.TextChoices):
        HEADING = "heading", _("heading")
        BODY = "body", _("body")
        SIGNATURE = "signature", _("signature")
        METADATA = "metadata", _("metadata")

    parent_field = "document"
    document = models.ForeignKey(Document, models.CASCADE, related_name="passages")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    order = models.PositiveSmallIntegerField(_("order"))
    number = models.PositiveSmallIntegerField(_("paragraph"), null=True, blank=True)
    label = models.CharField(
        _("label"), max_length=80, blank=True, help_text=_("Of a metadata passage, e.g. Summary")
    )
    speaker = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual speaker"),
    )

    class Meta:
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="passage_key_unique"),
            models.UniqueConstraint(
                fields=["document", "number"],
                condition=models.Q(number__isnull=False),
                name="passage_number_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="body", number__isnull=False)
                | (~models.Q(kind="body") & models.Q(number__isnull=True)),
                name="passage_number_for_body_only",
            ),
        ]

    def __str__(self) -> str:
        return f"¶{self.number}" if self.number else (self.label or self.get_kind_display())

    @property
    def anchor(self) -> str:
        """The passage's `id` on a page."""
        return f"p{self.number}" if self.number else f"passage-{self.key}"


class PassageTextQuerySet(models.QuerySet["PassageText"]):
    def current(self) -> "PassageTextQuerySet":
        return self.filter(is_current=True)


class PassageText(ContentModel):
    """The words of a passage, verbatim. Never edited: a correction is a new text, made current.

    Line breaks of the original that carry meaning (heading, signature) are newlines.
    """

    parent_field = "passage"
    passage = models.ForeignKey(Passage, models.CASCADE, related_name="texts")
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("digest"), max_length=64, editable=False)
    is_current = models.BooleanField(_("current"), default=True)

    class Meta:
        ordering = ["passage", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["passage", "key"], name="passage_text_key_unique"),
            models.UniqueConstraint(
                fields=["passage"],
                condition=models.Q(is_current=True),
                name="passage_has_one_current_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.passage}: {self.text[:60]}"

    def clean(self) -> None:
        self.sha256 = digest(self.text)


class PageTurn(ContentModel):
    """Where a page of the original ends: before the character at `offset` (code points)."""

    parent_field = "text"
    text = models.ForeignKey(PassageText, models.CASCADE, related_name="page_turns")
    offset = models.PositiveIntegerField(_("offset"))

    class Meta:
        ordering = ["text", "offset"]
        constraints = [models.UniqueConstraint(fields=["text", "key"], name="page_turn_key_unique")]

    def __str__(self) -> str:
        return f"{self.text.passage}, {self.offset}"


class Anchored(ContentModel):
    """Words of one text: a quote in its context (W3C TextQuoteSelector) and where it stands.

    `start` and `end` count code points; prefix and suffix are up to 32 characters. It belongs to
    the passage: when the passage gets a new text, it moves there or is an orphan.
    """

    parent_field = "text__passage"
    text = models.ForeignKey(PassageText, models.CASCADE, related_name="%(class)ss")
    quote = models.TextField(_("words"))
    prefix = models.CharField(_("before them"), max_length=64, blank=True)
    suffix = models.CharField(_("after them"), max_length=64, blank=True)
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"“{self.quote[:50]}”"


def anchored_constraints(name: str, *, unique: bool = True) -> list[Any]:
    """The constraints every Anchored model has, under names that begin with `name`."""
    constraints: list[Any] = [
        models.CheckConstraint(
            condition=models.Q(end__gt=models.F("start")), name=f"{name}_is_not_empty"
        )
    ]
    if unique:
        constraints.append(
            models.UniqueConstraint(fields=["text", "key"], name=f"{name}_key_unique")
        )
    return constraints


class VoiceSpan(Anchored):
    """Whose words these are, as far as the grammar of the record tells."""

    class Voice(models.TextChoices):
        FRAME = "frame", _("recorder's frame")
        REPORTED = "reported", _("third-person report")
        FIRST_PERSON = "first-person", _("first person left standing")
        QUOTED = "quoted", _("quoted phrase")
        EDITOR = "editor", _("editor's insertion")

    voice = models.CharField(_("voice"), max_length=12, choices=Voice.choices)
    or_voice = models.CharField(
        _("or"), max_length=12, choices=Voice.choices, blank=True, help_text=_("Where both hold.")
    )
    speaker = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("speaker")
    )

    class Meta:
        ordering = ["text", "start"]
        constraints = anchored_constraints("voice_span")
