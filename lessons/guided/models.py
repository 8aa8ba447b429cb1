"""Guided reading: modules of lessons of steps, and how far a learner has come."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lessons.core import rows
from lessons.core.models import ContentModel, PublishedModel
from lessons.documents.models import Document, Passage, Place, Route, SourceCard
from lessons.quizzes.models import Delivery, Quiz


class Module(PublishedModel):
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    question = models.CharField(_("the module's question"), max_length=300)
    introduction = models.TextField(_("introduction"), help_text=_("Markdown"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="modules")
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "key"]
        constraints = [models.UniqueConstraint(fields=["key"], name="module_key_unique")]

    def __str__(self) -> str:
        return self.title


class Lesson(PublishedModel):
    parent_field = "module"
    module = models.ForeignKey(Module, models.PROTECT, related_name="lessons")
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=200)
    focus = models.CharField(_("focus question"), max_length=300)
    aims = models.TextField(
        _("aims"), help_text=_("One a line: what a student will be able to do.")
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    horizon = models.DateField(
        _("horizon"),
        null=True,
        blank=True,
        help_text=_("What came later is hidden in this lesson."),
    )

    class Meta:
        ordering = ["module", "order"]
        constraints = [models.UniqueConstraint(fields=["module", "key"], name="lesson_key_unique")]

    def __str__(self) -> str:
        return self.title


class Step(ContentModel):
    class Kind(models.TextChoices):
        HEADNOTE = "headnote", _("headnote and map")
        SOURCE_CARD = "source-card", _("source card")
        PROVENANCE = "provenance", _("provenance")
        READING = "reading", _("reading")
        WHOLE_READING = "whole-reading", _("whole reading")
        QUESTION = "question", _("question")
        QUIZ = "quiz", _("quiz")
        TIMELINE = "timeline", _("timeline")
        MAP = "map", _("map of routes")
        CORROBORATION = "corroboration", _("corroboration")
        DISCUSSION = "discussion", _("discussion")
        REFLECTION = "reflection", _("reflection")
        TWO_LANES = "two-lanes", _("two lanes")
        VOICES = "voices", _("whose words")
        OTHER_CABLE = "other-cable", _("the other side's cable")

    parent_field = "lesson"
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="steps")
    slug = models.SlugField(_("address"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120, help_text=_("Never states the finding."))
    focus = models.CharField(_("line under the title"), max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown"))
    passages = models.ManyToManyField(
        Passage, verbose_name=_("passages"), blank=True, related_name="steps"
    )
    source_cards = models.ManyToManyField(
        SourceCard, verbose_name=_("source cards"), blank=True, related_name="steps"
    )
    places = models.ManyToManyField(
        Place, verbose_name=_("places on the map"), blank=True, related_name="steps"
    )
    routes = models.ManyToManyField(
        Route, verbose_name=_("routes on the map"), blank=True, related_name="steps"
    )
    quiz = models.ForeignKey(
        Quiz, models.PROTECT, null=True, blank=True, related_name="steps", verbose_name=_("quiz")
    )
    earlier = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="later",
        verbose_name=_("earlier step"),
        help_text=_("What the learner wrote there is shown beside this step's question."),
    )

    class Meta:
        ordering = ["lesson", "order"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "key"], name="step_key_unique"),
            models.UniqueConstraint(fields=["lesson", "slug"], name="step_address_unique"),
            models.CheckConstraint(
                condition=~models.Q(
                    kind__in=["quiz", "question", "two-lanes", "voices", "other-cable"]
                )
                | models.Q(quiz__isnull=False),
                name="step_that_asks_has_a_quiz",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def folds(self) -> bool:
        """Whether its passages are folded away: they were read before, and the task is long."""
        return self.kind in {self.Kind.QUIZ, self.Kind.TWO_LANES, self.Kind.OTHER_CABLE}


class DeliveryStep(models.Model):
    """A delivery's own choice and order of a lesson's steps (`Delivery.plan` is not 0).

    A lesson without rows is read as it stands.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="chosen_steps")
    step = models.ForeignKey(Step, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["delivery", "position"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "step"], name="delivery_has_a_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.position}. {self.step_id}"


class TeacherPage(PublishedModel):
    """A page for instructors: a lesson's guide, or (without a lesson) one about the module."""

    parent_field = "module"
    module = models.ForeignKey(Module, models.PROTECT, related_name="teacher_pages")
    lesson = models.OneToOneField(
        Lesson, models.PROTECT, null=True, blank=True, related_name="teacher_page"
    )
    slug = models.SlugField(_("address"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text"), help_text=_("Markdown"))

    class Meta:
        ordering = ["module", "order"]
        constraints = [
            models.UniqueConstraint(fields=["module", "key"], name="teacher_page_key_unique"),
            models.UniqueConstraint(fields=["module", "slug"], name="teacher_page_address_unique"),
        ]

    def __str__(self) -> str:
        return self.title


class ProgressQuerySet(models.QuerySet["Progress"]):
    def in_lesson(self, *, lesson_id: int, delivery_id: int, learner_id: int) -> list["Progress"]:
        """One learner's rows in a lesson of a delivery."""
        return rows.read(
            Progress,
            "delivery_id = %s AND learner_id = %s"
            " AND step_id IN (SELECT id FROM guided_step WHERE lesson_id = %s)",
            [delivery_id, learner_id, lesson_id],
        )


class Progress(models.Model):
    """How far one learner is in one step of one delivery. Reports read only their delivery's."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="progress", db_index=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="progress")
    step = models.ForeignKey(Step, models.PROTECT, related_name="progress")
    opened_at = models.DateTimeField(_("opened"))
    touched_at = models.DateTimeField(_("last touched"))
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    skipped = models.BooleanField(_("went on without answering"), default=False)
    active_seconds = models.PositiveIntegerField(_("visible seconds"), default=0)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "learner", "step"], name="progress_one_a_step"
            )
        ]
        indexes = [
            models.Index(fields=["learner", "-touched_at"], name="progress_by_learner"),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id}/{self.step_id}"
