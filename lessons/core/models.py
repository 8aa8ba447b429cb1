"""What every app stands on: content with author-given keys, and one version for all of it."""

from functools import reduce
from typing import ClassVar, Self, TypeVar, cast

from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .edits import ContentHistory

M = TypeVar("M", bound=models.Model)


class ContentVersion(models.Model):
    """One row that counts changes of content; what was rendered under an older number is stale."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="content_version_is_one_row")
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        """The number now (one query); 0 before any content was loaded."""
        with connection.cursor() as cursor:  # read for every page: half the cost of a queryset
            cursor.execute("SELECT number FROM core_contentversion")
            row = cursor.fetchone()
        return row[0] if row else 0

    @classmethod
    def bump(cls) -> None:
        """Count one change. Call it in the transaction of the change."""
        if not cls.objects.update(number=models.F("number") + 1):
            ContentVersion.objects.bulk_create([ContentVersion(number=1)], ignore_conflicts=True)

    @classmethod
    def lock(cls) -> None:
        """Let no other edit of content go on until this transaction ends."""
        if not list(cls.objects.select_for_update()):
            ContentVersion.objects.bulk_create([ContentVersion(number=0)], ignore_conflicts=True)
            list(cls.objects.select_for_update())


class LoadedContent(models.Model):
    """Which files of content were loaded last: one row, so that `demo` loads only what is new."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="loaded_content_is_one_row")
        ]

    def __str__(self) -> str:
        return self.digest


class ContentQuerySet(models.QuerySet[M]):
    def get_by_natural_key(self, *parts: str) -> M:
        lookups = cast("type[ContentModel]", self.model).natural_lookups()
        return self.get(**dict(zip(lookups, parts, strict=True)))


class ContentModel(models.Model):
    """A row an editor writes. `key` is given once by its author, unique within its parent.

    The natural key is the parent's natural key followed by `key`; `parent_field` is the
    path to the parent (`text__passage`), and None for rows that stand alone.
    """

    parent_field: ClassVar[str | None] = None

    key = models.SlugField(
        _("key"),
        max_length=80,
        help_text=_("Given once, never changed: files and links between rows use it."),
    )
    history = ContentHistory(inherit=True)

    objects = ContentQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def natural_lookups(cls) -> list[str]:
        """Field lookups that the parts of a natural key answer to, outermost parent first."""
        if cls.parent_field is None:
            return ["key"]
        parent: type[models.Model] = cls
        for name in cls.parent_field.split("__"):
            parent = cast("type[models.Model]", parent._meta.get_field(name).related_model)
        above = cast("type[ContentModel]", parent).natural_lookups()
        return [*(f"{cls.parent_field}__{name}" for name in above), "key"]

    def natural_key(self) -> tuple[str, ...]:
        if self.parent_field is None:
            return (self.key,)
        parent = reduce(getattr, self.parent_field.split("__"), self)
        return (*parent.natural_key(), self.key)


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class PublishedQuerySet(ContentQuerySet[M]):
    def published(self) -> Self:
        return self.filter(status=Status.PUBLISHED)


class PublishedModel(ContentModel):
    """Content that readers see only while its status is `published`."""

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, db_index=True
    )

    objects: ClassVar = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.status == Status.PUBLISHED


class MistakeReport(models.Model):
    """A reader's word that a note or a question is wrong; editors read and close it in admin."""

    class Subject(models.TextChoices):
        NOTE = "note", _("note")
        QUESTION = "question", _("question")
        PASSAGE = "passage", _("passage")
        PAGE = "page", _("page")

    subject = models.CharField(_("about"), max_length=10, choices=Subject.choices)
    subject_key = models.CharField(_("key"), max_length=300, blank=True)
    address = models.CharField(_("page"), max_length=300)
    body = models.TextField(_("what is wrong"), max_length=2000)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("reported"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    answer = models.TextField(_("what was done"), blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("mistake report")

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.subject_key}"
