"""Who, where, what word, when, and by what authority: the rooms around a document."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import ContentAdmin, ContentTabularInline
from lessons.documents.models import (
    Event,
    MapLine,
    Person,
    Place,
    Reference,
    Route,
    RouteStop,
    SourceCard,
    Term,
)


@admin.register(Reference)
class ReferenceAdmin(ContentAdmin):
    list_display = ["short", "citation", "address", "seen"]
    list_filter = [("address", admin.EmptyFieldListFilter)]
    search_fields = ["short", "citation", "key"]


@admin.register(Person)
class PersonAdmin(ContentAdmin):
    list_display = ["name", "role", "lived", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "other_names", "key"]
    autocomplete_fields = ["references"]
    fields = [
        "name",
        "other_names",
        "lived",
        "role",
        "biography",
        "certainty",
        "references",
        "status",
        ("slug", "key"),
    ]

    def view_on_site(self, obj: Person) -> str:
        return reverse("documents:person", args=[obj.slug])


@admin.register(Place)
class PlaceAdmin(ContentAdmin):
    list_display = ["name", "today", "note", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "today", "key"]
    autocomplete_fields = ["references"]
    fields = [
        "name",
        "today",
        ("latitude", "longitude"),
        "note",
        "disputed",
        "certainty",
        "references",
        ("status", "key"),
    ]


class RouteStopInline(ContentTabularInline):
    model = RouteStop
    autocomplete_fields = ["place"]
    fields = ["place", "order", "key"]
    extra = 1
    verbose_name_plural = _("its places, in order")


@admin.register(Route)
class RouteAdmin(ContentAdmin):
    list_display = ["title", "order", "note", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]
    inlines = [RouteStopInline]


@admin.register(MapLine)
class MapLineAdmin(ContentAdmin):
    list_display = ["title", "note", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]


@admin.register(Term)
class TermAdmin(ContentAdmin):
    list_display = ["term", "definition", "known_from", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["term", "definition", "key"]
    autocomplete_fields = ["references"]
    fields = [
        "term",
        "definition",
        "known_from",
        "certainty",
        "references",
        "status",
        ("slug", "key"),
    ]

    def view_on_site(self, obj: Term) -> str:
        return reverse("documents:term", args=[obj.slug])


@admin.register(Event)
class EventAdmin(ContentAdmin):
    list_display = ["title", "date", "theme", "certainty", "status"]
    list_filter = ["status", "theme", "certainty"]
    search_fields = ["title", "description", "key"]
    autocomplete_fields = ["references"]


@admin.register(SourceCard)
class SourceCardAdmin(ContentAdmin):
    list_display = ["title", "genre", "date", "kept_where", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "who_to_whom", "says", "key"]
    autocomplete_fields = ["reference"]
