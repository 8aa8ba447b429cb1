"""Questions as an editor writes them. What a learner was asked is a QuestionRevision (work.py)."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from lessons.core.models import ContentModel, PublishedModel
from lessons.documents.models import PassageText

FRACTION = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))]


class Question(PublishedModel):
    class Kind(models.TextChoices):
        SINGLE = "single", _("single choice")
        MULTIPLE = "multiple", _("multiple choice")
        MATCHING = "matching", _("matching (who said it)")
        ORDERING = "ordering", _("chronological ordering")
        EVIDENCE = "evidence", _("select the evidence")
        SHORT = "short", _("short answer")
        OPEN = "open", _("open response")
        REPLIES = "replies", _("two lanes: where it is answered")
        STANCE = "stance", _("a choice with a reason, never scored")
        VOICES = "voices", _("whose words")
        WARRANT = "warrant", _("warrant: how far the words go")
        CABLE = "cable", _("the other side's cable")

    class Skill(models.TextChoices):
        CLOSE_READING = "close-reading", _("close reading")
        SOURCING = "sourcing", _("sourcing")
        CONTEXT = "contextualisation", _("contextualisation")
        CORROBORATION = "corroboration", _("corroboration")
        CLAIM = "claim-and-evidence", _("claim and evidence")

    WRITTEN = (Kind.OPEN, Kind.CABLE)
    """Kinds that a person reads and marks by a rubric."""
    PLAIN = (Kind.EVIDENCE, Kind.SHORT, Kind.REPLIES, Kind.STANCE, Kind.VOICES)
    """Kinds whose answers in words are the record's or the learner's own, and no Markdown."""
    EXERCISES = (Kind.REPLIES, Kind.STANCE, Kind.VOICES, Kind.CABLE)
    """Kinds that only a reported talk allows."""
    WHOLE_TEXT = (Kind.EVIDENCE, Kind.VOICES)
    """Kinds that are about the whole of a text, and show it in parts."""
    UNSCORED = (Kind.STANCE,)
    """Kinds that have no points: an answer is kept, and counts in no grade and no figure."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    prompt = models.TextField(_("question"), help_text=_("One clear question. Markdown."))
    skill = models.CharField(_("skill"), max_length=20, choices=Skill.choices)
    points = models.DecimalField(
        _("points"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("None for what is never scored; else a quarter or more."),
    )
    hint = models.TextField(
        _("hint"), help_text=_("Sends the reader back to a place in the text; narrows nothing.")
    )
    explanation = models.TextField(_("explanation"), help_text=_("Markdown; shown at the end."))
    asks_confidence = models.BooleanField(_("asks how sure"), default=True)
    is_check = models.BooleanField(
        _("comprehension check"), default=False, help_text=_("At most one question in four.")
    )
    text = models.ForeignKey(
        PassageText,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("text it is about"),
    )
    quote = models.TextField(_("the sentence it is about"), blank=True)
    start = models.PositiveIntegerField(_("start"), null=True, blank=True)
    end = models.PositiveIntegerField(_("end"), null=True, blank=True)
    needs_all_evidence = models.BooleanField(
        _("needs all the evidence"),
        default=False,
        help_text=_("Evidence only: every span is needed; otherwise any one of them will do."),
    )
    expected_words = models.PositiveSmallIntegerField(
        _("expected words"), null=True, blank=True, help_text=_("Written answers only.")
    )
    fewest_words = models.PositiveSmallIntegerField(
        _("fewest words"), null=True, blank=True, help_text=_("Cables only.")
    )
    most_words = models.PositiveSmallIntegerField(
        _("most words"), null=True, blank=True, help_text=_("Cables only.")
    )
    notice = models.CharField(
        _("notice"),
        max_length=200,
        blank=True,
        help_text=_(
            "Cables only: stands with the answer wherever it is shown, so that nobody takes it for "
            "a paper of the time."
        ),
    )
    strong_answer = models.TextField(
        _("what a strong answer might mention"), blank=True, help_text=_("Written answers only.")
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="question_key_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    text__isnull=True, start__isnull=True, end__isnull=True, quote=""
                )
                | models.Q(text__isnull=False, start__isnull=False, end__gt=models.F("start")),
                name="question_sentence_is_whole_or_absent",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="stance", points=0)
                | (~models.Q(kind="stance") & models.Q(points__gte=Decimal("0.25"))),
                name="question_has_points_unless_it_is_never_scored",
                violation_error_message=_(
                    "A choice that is never scored has 0 points; every other question has some."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(fewest_words__isnull=True, most_words__isnull=True)
                | models.Q(
                    fewest_words__gt=0,
                    most_words__isnull=False,
                    most_words__gte=models.F("fewest_words"),
                ),
                name="question_word_limits_are_whole_or_absent",
                violation_error_message=_(
                    "Give both the fewest and the most words, the fewest first, or neither."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="cable") | ~models.Q(notice=""),
                name="question_cable_has_a_notice",
                violation_error_message=_(
                    "Write the notice that tells a student's cable from a paper of the time."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.prompt[:80]


class Option(ContentModel):
    """Something to choose, to match or to put in order.

    `is_key` and `feedback` serve choices. In matching, an item has an `answer`, the target it
    belongs to, and a target has none. In ordering, `rank` is the right place, from 1.
    """

    class Role(models.TextChoices):
        CHOICE = "choice", _("choice")
        ITEM = "item", _("item")
        TARGET = "target", _("target")

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, default=Role.CHOICE)
    label = models.CharField(_("words"), max_length=400)
    is_key = models.BooleanField(_("right"), default=False)
    answer = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="matched_by",
        limit_choices_to={"role": "target"},
        verbose_name=_("belongs to"),
    )
    rank = models.PositiveSmallIntegerField(_("right place"), null=True, blank=True)
    excess = models.CharField(
        _("words that go too far"),
        max_length=120,
        blank=True,
        help_text=_("Of a wrong warrant: as they stand in its words."),
    )
    feedback = models.TextField(_("feedback"), blank=True, help_text=_("Two sentences at most."))
    misreading = models.CharField(
        _("the misreading it catches"), max_length=200, blank=True, help_text=_("For editors.")
    )

    class Meta:
        ordering = ["question", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="option_key_unique"),
            models.CheckConstraint(
                condition=models.Q(role="item") | models.Q(answer__isnull=True),
                name="option_with_an_answer_is_an_item",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class EvidenceSpan(ContentModel):
    """Words that count as evidence for the question, in the text the question is about."""

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="evidence")
    text = models.ForeignKey(PassageText, models.PROTECT, related_name="evidence_spans")
    quote = models.TextField(_("words"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    feedback = models.TextField(_("feedback"), blank=True)

    class Meta:
        ordering = ["question", "text", "start"]
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="evidence_key_unique"),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="evidence_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.quote[:50]}”"


class AcceptedAnswer(ContentModel):
    """An answer to a short question, and what it is worth. Compared after normalising."""

    class Match(models.TextChoices):
        WHOLE = "whole", _("the whole answer")
        CONTAINS = "contains", _("these words anywhere in it")

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="accepted_answers")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    answer = models.CharField(_("answer"), max_length=200)
    match = models.CharField(_("compares"), max_length=8, choices=Match.choices, default="whole")
    score = models.DecimalField(
        _("worth"), max_digits=4, decimal_places=3, default=Decimal(1), validators=FRACTION
    )
    feedback = models.TextField(_("feedback"), blank=True)

    class Meta:
        ordering = ["question", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="accepted_answer_key_unique"),
            models.CheckConstraint(
                condition=models.Q(score__range=(0, 1)), name="accepted_answer_score_is_a_fraction"
            ),
        ]

    def __str__(self) -> str:
        return self.answer


class Criterion(ContentModel):
    """One line of a rubric."""

    parent_field = "question"
    question = models.ForeignKey(Question, models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("criterion"), max_length=120)
    weight = models.DecimalField(_("weight"), max_digits=4, decimal_places=2, default=Decimal(1))

    class Meta:
        ordering = ["question", "order", "key"]
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="criterion_key_unique"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="criterion_has_weight"),
        ]

    def __str__(self) -> str:
        return self.title


class Level(ContentModel):
    """One level of a criterion, in words a student understands, with a sample answer."""

    parent_field = "criterion"
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="levels")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("level"), max_length=80)
    description = models.TextField(_("description"))
    score = models.DecimalField(_("worth"), max_digits=4, decimal_places=3, validators=FRACTION)
    sample = models.TextField(_("sample answer"), blank=True)

    class Meta:
        ordering = ["criterion", "order"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "key"], name="level_key_unique"),
            models.CheckConstraint(
                condition=models.Q(score__range=(0, 1)), name="level_score_is_a_fraction"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Quiz(PublishedModel):
    """Questions that are answered together."""

    class Purpose(models.TextChoices):
        PRACTICE = "practice", _("practice: feedback after each answer")
        GRADED = "graded", _("graded: handed in as a whole")

    title = models.CharField(_("title"), max_length=160)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Markdown"))
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True, help_text=_("Empty: as many as one likes.")
    )
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"), null=True, blank=True
    )
    questions = models.ManyToManyField(Question, through="QuizItem", related_name="quizzes")

    class Meta:
        ordering = ["key"]
        verbose_name_plural = _("quizzes")
        constraints = [models.UniqueConstraint(fields=["key"], name="quiz_key_unique")]

    def __str__(self) -> str:
        return self.title


class QuizItem(ContentModel):
    parent_field = "quiz"
    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="items")
    question = models.ForeignKey(Question, models.PROTECT, related_name="quiz_items")
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        ordering = ["quiz", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "key"], name="quiz_item_key_unique"),
            models.UniqueConstraint(fields=["quiz", "question"], name="quiz_asks_a_question_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.question}"
