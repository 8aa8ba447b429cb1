"""Who, where, what word, when, and by what authority: the rooms around a document."""

from django.contrib import admin

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
    list_display = ["short", "key", "address", "seen"]
    list_filter = [("address", admin.EmptyFieldListFilter)]
    search_fields = ["short", "citation", "key"]


@admin.register(Person)
class PersonAdmin(ContentAdmin):
    list_display = ["name", "key", "role", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "other_names", "key"]
    autocomplete_fields = ["references"]


@admin.register(Place)
class PlaceAdmin(ContentAdmin):
    list_display = ["name", "key", "today", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "today", "key"]
    autocomplete_fields = ["references"]


class RouteStopInline(ContentTabularInline):
    model = RouteStop
    autocomplete_fields = ["place"]


@admin.register(Route)
class RouteAdmin(ContentAdmin):
    list_display = ["title", "key", "order", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]
    inlines = [RouteStopInline]


@admin.register(MapLine)
class MapLineAdmin(ContentAdmin):
    list_display = ["title", "key", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]


@admin.register(Term)
class TermAdmin(ContentAdmin):
    list_display = ["term", "key", "known_from", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["term", "definition", "key"]
    autocomplete_fields = ["references"]


@admin.register(Event)
class EventAdmin(ContentAdmin):
    list_display = ["title", "key", "date", "theme", "certainty", "status"]
    list_filter = ["status", "theme", "certainty"]
    search_fields = ["title", "description", "key"]
    autocomplete_fields = ["references"]


@admin.register(SourceCard)
class SourceCardAdmin(ContentAdmin):
    list_display = ["title", "key", "date", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "who_to_whom", "says", "key"]
    autocomplete_fields = ["reference"]
