"""Who, where, what word, when, and by what authority: the rooms around a document."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from lessons.core.models import ContentModel, PublishedModel


class Certainty(models.TextChoices):
    DOCUMENTED = "documented", _("We have a document for this.")
    ACCEPTED = "accepted", _("Standard in the literature.")
    INFERRED = "inferred", _("Our reading of the evidence.")
    CONJECTURE = "conjecture", _("A conjecture: it could be wrong.")


class DatePrecision(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


DATE_FORMATS = {
    DatePrecision.DAY: ("j F Y", "Y-m-d"),
    DatePrecision.MONTH: ("F Y", "Y-m"),
    DatePrecision.YEAR: ("Y", "Y"),
}
"""For readers and for programs."""


def date_text(date: dt.date, precision: str) -> str:
    """A date as far as it is known, for readers."""
    return date_format(date, DATE_FORMATS[DatePrecision(precision)][0])


class Circle(models.TextChoices):
    """Who could have known of an event at its time."""

    PUBLIC = "public", _("public")
    USSR = "ussr", _("Soviet government")
    PAKISTAN = "pakistan", _("government of Pakistan")
    INDIA = "india", _("government of India")
    WEST = "us-uk", _("governments of the US and UK")


def validate_circles(value: object) -> None:
    if not isinstance(value, list) or not value or not set(value) <= set(Circle.values):
        raise ValidationError(
            _("Write a list of: %(circles)s."), params={"circles": ", ".join(Circle.values)}
        )


class Reference(ContentModel):
    """A source a reader can follow."""

    short = models.CharField(_("short form"), max_length=120, help_text="FRUS 1958–60 XV, 303")
    citation = models.TextField(_("full citation"))
    address = models.URLField(_("address"), blank=True, max_length=400)
    seen = models.CharField(
        _("how much of it we saw"),
        max_length=200,
        blank=True,
        help_text=_("For example: complete; the opening only; background knowledge."),
    )

    class Meta:
        ordering = ["short"]
        constraints = [models.UniqueConstraint(fields=["key"], name="reference_key_unique")]

    def __str__(self) -> str:
        return self.short


class Person(PublishedModel):
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    other_names = models.CharField(_("other spellings"), max_length=200, blank=True)
    lived = models.CharField(_("lived"), max_length=60, blank=True, help_text="1894–1971")
    role = models.CharField(_("who they were in the document's days"), max_length=200)
    biography = models.TextField(_("biography"), blank=True, help_text=_("Markdown"))
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(fields=["key"], name="person_key_unique")]

    def __str__(self) -> str:
        return self.name


class Place(PublishedModel):
    name = models.CharField(_("name at the time"), max_length=120)
    today = models.CharField(_("name today"), max_length=120, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4)
    note = models.CharField(_("what it was"), max_length=200, blank=True)
    disputed = models.CharField(
        _("disputed area around it"),
        max_length=60,
        blank=True,
        help_text=_("Its name; a map draws a dashed circle with it, and no border."),
    )
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="place_key_unique"),
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_is_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Route(PublishedModel):
    """A way through the air from place to place; its legs are great circles."""

    title = models.CharField(_("title"), max_length=120)
    note = models.CharField(_("what it shows"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["order", "key"]
        constraints = [models.UniqueConstraint(fields=["key"], name="route_key_unique")]

    def __str__(self) -> str:
        return self.title


class RouteStop(ContentModel):
    """A place on a route, in order."""

    parent_field = "route"
    route = models.ForeignKey(Route, models.CASCADE, related_name="stops")
    place = models.ForeignKey(Place, models.PROTECT, related_name="route_stops")
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        ordering = ["route", "order"]
        constraints = [
            models.UniqueConstraint(fields=["route", "key"], name="route_stop_key_unique"),
            models.UniqueConstraint(fields=["route", "order"], name="route_stop_order_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.place}"


def validate_points(value: object) -> None:
    """Two or more [latitude, longitude] pairs on the earth."""
    if not isinstance(value, list) or len(value) < 2 or not all(map(_is_point, value)):
        raise ValidationError(_("Write a list of [latitude, longitude], two at least."))


def _is_point(point: object) -> bool:
    if not isinstance(point, list) or len(point) != 2:
        return False
    numbers = all(isinstance(value, int | float) for value in point)
    return numbers and abs(point[0]) <= 90 and abs(point[1]) <= 180


class MapLine(PublishedModel):
    """A line of its time on a map, drawn dashed: roughly where it ran, deciding nothing."""

    title = models.CharField(_("title"), max_length=120)
    note = models.CharField(_("what it was"), max_length=300)
    points = models.JSONField(
        _("points"), default=list, validators=[validate_points], help_text="[[34.0, 74.2], …]"
    )
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["key"], name="map_line_key_unique")]

    def __str__(self) -> str:
        return self.title


class Term(PublishedModel):
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    term = models.CharField(_("term"), max_length=120)
    definition = models.TextField(_("definition"), help_text=_("Markdown, two sentences."))
    known_from = models.DateField(
        _("known from"), null=True, blank=True, help_text=_("Empty: before the document's day.")
    )
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["term"]
        constraints = [models.UniqueConstraint(fields=["key"], name="term_key_unique")]

    def __str__(self) -> str:
        return self.term


class Event(PublishedModel):
    title = models.CharField(_("event"), max_length=200)
    date = models.DateField(_("date"))
    date_end = models.DateField(_("last day"), null=True, blank=True)
    date_precision = models.CharField(
        _("precision"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    theme = models.CharField(_("theme"), max_length=40, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown"))
    known_from = models.DateField(_("known from"), null=True, blank=True)
    known_to = models.JSONField(_("who could know"), default=list, validators=[validate_circles])
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty.choices)
    references = models.ManyToManyField(Reference, verbose_name=_("references"), blank=True)

    class Meta:
        ordering = ["date", "key"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="event_key_unique"),
            models.CheckConstraint(
                condition=models.Q(date_end__isnull=True)
                | models.Q(date_end__gte=models.F("date")),
                name="event_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.title}"
