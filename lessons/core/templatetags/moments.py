"""`{{ moment|in_zone:zone }}`: an instant in somebody's zone, which it names."""

from datetime import datetime, tzinfo

from django import template

from lessons.core import moments

register = template.Library()


@register.filter
def in_zone(moment: datetime | None, zone: tzinfo) -> str:
    """Monday, 4 May 2026, 17:00 (Europe/London); empty for None."""
    return moments.say(moment, zone) if moment else ""


@register.filter
def shortly_in(moment: datetime | None, zone: tzinfo) -> str:
    """4 May 2026, 17:00: for tables that name the zone in their head."""
    return moments.say_shortly(moment, zone) if moment else ""


@register.filter
def to_the_second_in(moment: datetime, zone: tzinfo) -> str:
    """4 May 2026, 17:00:31 Europe/London: for receipts."""
    return f"{moments.say_to_the_second(moment, zone)} {moments.zone_name(zone)}"


@register.filter
def named(zone: tzinfo) -> str:
    """The zone's name for people."""
    return moments.zone_name(zone)
