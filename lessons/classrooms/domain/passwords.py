"""Passwords that an instructor hands to a student: one-time, readable, and whose they may be."""

import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from lessons.accounts.domain import set_password_for
from lessons.accounts.models import User
from lessons.classrooms.models import Classroom, Membership, MembershipEvent

from .refusals import ClassRefused

WORDS = """
acorn amber anchor apple apron arrow aspen autumn badge bagel baker balcony banjo barley basil
basket beacon beaver berry birch bonnet border bottle branch breeze bridge bronze brook bucket
butter button cabin cactus camel candle canoe canyon carpet carrot castle cedar cello cherry chess
cider cinema circle citrus clover coast cobalt coffee comet copper coral cotton cradle crane crater
cricket crystal curtain daisy dancer delta desert diamond dolphin donkey dragon drawer eagle easel
elbow ember engine fabric falcon feather fern fiddle field finch flute forest fossil fountain
garden garlic ginger glacier globe goose granite grape gravel guitar hammer harbor harvest hazel
heron hill honey hornet iceberg island ivory jacket jasmine jigsaw jungle kayak kettle kitten
ladder lagoon lantern laurel lemon lentil lily linen lizard lobster magnet mango maple marble
meadow melon meteor mirror mitten monsoon mosaic mountain muffin museum needle nickel nutmeg oasis
ocean olive onion orange orbit orchid otter oyster paddle palace panda paper parcel parrot pasta
pebble pencil pepper piano picnic pigeon pillow pilot pine planet plum pocket poem pond poplar
potato prairie puddle pumpkin puzzle quartz rabbit radish rainbow raven ribbon river robin rocket
saddle saffron sailor salmon sandal satin saturn scarf school shadow shell silver sketch sparrow
spinach spring squash statue summer sunset tablet teapot temple thunder tiger timber tomato topaz
tractor tulip tunnel turtle valley velvet violet violin walnut willow window winter yogurt zebra
""".split()  # noqa: SIM905  # easier to read and to add to
"""Short, known to learners of English, and harmless in any order."""
DIGITS = "23456789"


def one_time_password() -> str:
    """Three words and three digits: some 33 bits, for one sign-in that is throttled."""
    words = [secrets.choice(WORDS) for _word in range(3)]
    return "-".join((*words, "".join(secrets.choice(DIGITS) for _digit in range(3))))


def hashed(passwords: Sequence[str]) -> list[str]:
    """The passwords' hashes, some 40 a second and core; one core is left to everybody else.

    Call it before a transaction, not in one.
    """
    with ThreadPoolExecutor(max_workers=max((os.cpu_count() or 1) - 1, 1)) as pool:
        return list(pool.map(make_password, passwords))


def set_by(by: User, classroom: Classroom) -> str:
    """Who chose a password, as its owner is told."""
    return _("%(who)s for %(class)s") % {"who": by.shown_as[:90], "class": str(classroom)[:90]}


def resettable(classroom: Classroom) -> QuerySet[Membership]:
    """Students whose password an instructor of this class may set.

    Only accounts that this class's roster made, that are in no other class, now or before, and
    hold no role: everything in such an account came from this class.
    """
    elsewhere = Membership.objects.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
    return (
        Membership.objects.active()
        .students()
        .filter(classroom=classroom, from_roster=True)
        .filter(user__is_staff=False, user__is_superuser=False, user__is_instructor=False)
        .filter(user__is_active=True, user__is_guest=False)
        .exclude(Exists(elsewhere))
    )


def reset_password(*, membership: Membership, by: User) -> str:
    """Give a student a new one-time password, which is returned and kept nowhere.

    Raises ClassRefused for any account but those of `resettable`.
    """
    password = one_time_password()
    with transaction.atomic():
        own = resettable(membership.classroom).filter(pk=membership.pk)
        if not own.exists():
            raise ClassRefused(
                _(
                    "You can set a password only for accounts that this class's roster made and "
                    "that are in no other class."
                )
            )
        _set(membership, password, by)
    return password


def new_slips(*, classroom: Classroom, by: User) -> list[tuple[Membership, str]]:
    """New one-time passwords for everybody of the roster who has never signed in."""
    waiting = resettable(classroom).filter(user__last_login__isnull=True)
    chosen = [(membership, one_time_password()) for membership in waiting.select_related("user")]
    hashes = hashed([password for _membership, password in chosen])
    who = set_by(by, classroom)
    done: list[tuple[Membership, str]] = []
    with transaction.atomic():
        for (membership, password), own_hash in zip(chosen, hashes, strict=True):
            # Whoever signed in meanwhile keeps the password they used.
            changed = User.objects.filter(pk=membership.user_id, last_login__isnull=True).update(
                password=own_hash, password_set_by=who
            )
            if changed:
                done.append((membership, password))
        _log([membership for membership, _password in done], by)
    return done


def _set(membership: Membership, password: str, by: User) -> None:
    set_password_for(
        user=membership.user, password=password, set_by=set_by(by, membership.classroom)
    )
    _log([membership], by)


def _log(memberships: Sequence[Membership], by: User) -> None:
    MembershipEvent.objects.bulk_create(
        MembershipEvent(membership=membership, what=MembershipEvent.What.PASSWORD, by=by)
        for membership in memberships
    )
