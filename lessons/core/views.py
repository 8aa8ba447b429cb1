"""Pages that belong to no app: health, the small print, mistakes, and what went wrong."""

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from . import domain, health
from .forms import MistakeReportForm, refuse_lone_surrogates, typed_texts
from .htmx import render_page
from .logs import request_id

RETRY_SECONDS = 5
HOUR = 60 * 60
REPORTS_AN_HOUR = 10
REPORTS_AN_HOUR_FROM_ONE_ADDRESS = 60  # a school is one address


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Without the request: what is wrong may be the very host name or the body of it."""
    if isinstance(exception, RequestDataTooBig):
        return plain_page("413.html", 413, limit=settings.LARGEST_BODY // 1024)
    return plain_page("400.html", 400)


def plain_page(template: str, status: int, **context: Any) -> HttpResponse:
    """A page that needs neither request nor database, with the number to quote to an operator."""
    page = render_to_string(template, {"request_id": request_id(), **context})
    return HttpResponse(page, status=status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    names = ("opens_at", "zone", "waits_for")
    context: dict[str, Any] = {name: getattr(exception, name, None) for name in names}
    if request.method == "POST":  # what was sent to a page that is gone
        refuse_lone_surrogates(request.POST)
        context["typed"] = typed_texts(request.POST)
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where the database is locked, full, damaged or away, or a row
    that was to be pointed at went in this moment: asked again, its page says that it is gone.

    Neither page asks who is reading: that would be the next query to fail.
    """
    error = sys.exc_info()[1]
    # SQLite calls a damaged file a DatabaseError and nothing more; its subclasses tell of one row.
    is_away = isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
    if is_away or _points_at_nothing(error):
        response = plain_page("503.html", 503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return plain_page("500.html", 500)


def _points_at_nothing(error: BaseException | None) -> bool:
    """True for a broken foreign key: 23503 is PostgreSQL's code for it, SQLite has words alone."""
    return isinstance(error, IntegrityError) and (
        getattr(error.__cause__, "sqlstate", "") == "23503" or str(error).startswith("FOREIGN KEY")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open too long: what was typed is shown again, and nothing was changed."""
    refuse_lone_surrogates(request.POST)
    response = render(request, "403_csrf.html", {"typed": typed_texts(request.POST)}, status=403)
    response["Cache-Control"] = "no-store, private"
    return response


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this server can keep work, else 503; never from a cache on the way."""
    state = health.look()
    response = JsonResponse(state.facts(), status=200 if state.is_well else 503)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    days = {
        "session_days": settings.SESSION_COOKIE_AGE // (24 * HOUR),
        "guest_days": domain.GUEST_DAYS_KEPT,
    }
    return render(request, "core/privacy.html", days)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "core/accessibility.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The reader's word about a note, question, passage or page; visitors stay visitors."""
    if request.method != "POST":
        form = MistakeReportForm(initial=MistakeReportForm.place_from(request.GET))
        return _report_page(request, form, 200)
    form = MistakeReportForm(request.POST)
    if not form.is_valid():
        return _report_page(request, form, 422)
    if not _may_report(request):
        form.add_error(
            None, _("You have sent many reports in this hour. Thank you! Please try again later.")
        )
        return _report_page(request, form, 429)
    stored = domain.report_mistake(**form.cleaned_data, reporter_id=request.user.pk)
    return redirect(f"{reverse('core:report-thanks')}?{urlencode({'address': stored.address})}")


@login_not_required
@require_safe
def report_thanks(request: HttpRequest) -> HttpResponse:
    context = {"address": MistakeReportForm.place_from(request.GET)["address"]}
    return render_page(request, "core/report_thanks.html", context, partial="report")


def _report_page(request: HttpRequest, form: MistakeReportForm, status: int) -> HttpResponse:
    place = form.data if form.is_bound else form.initial
    context = {"form": form, "place": place}
    return render_page(request, "core/report.html", context, partial="report", status=status)


def _may_report(request: HttpRequest) -> bool:
    """Whether this session and this address have reports left; makes no session for a visitor."""
    session = request.session.session_key
    if session and not domain.within_limit(
        name=f"report:{session}", limit=REPORTS_AN_HOUR, seconds=HOUR
    ):
        return False
    return domain.within_limit(
        name=f"report@{client_address(request)}",
        limit=REPORTS_AN_HOUR_FROM_ONE_ADDRESS,
        seconds=HOUR,
    )


def client_address(request: HttpRequest) -> str | None:
    """The network address of the browser: behind TRUSTED_PROXIES=n, the n-th from the right.

    What stands further left in X-Forwarded-For was written by the browser itself. Of IPv6 the
    first half, which is what one connection to the network is given: its other 2⁶⁴ addresses
    are anyone's there to choose. None where there is none (a Unix socket). Fit for
    AXES_CLIENT_IP_CALLABLE.
    """
    proxies: int = settings.TRUSTED_PROXIES
    header: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    forwarded = [part.strip() for part in header.split(",")]
    told = forwarded[-proxies] if proxies and len(forwarded) >= proxies else ""
    return _network(told) or _network(request.META.get("REMOTE_ADDR", ""))


def _network(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))
