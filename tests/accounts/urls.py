"""The site's addresses, and one that saves something as the other rooms do."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from coldwar.urls import handler400, handler403, handler404, handler500
from coldwar.urls import urlpatterns as site_urlpatterns
from lessons.accounts.learners import ensure_learner, guest_to_claim, reader_mark, same_reader

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

FORM = engines["django"].from_string(
    "{% csrf_token %}<input type=hidden name=reader value='{{ mark }}'>"
)


@login_not_required
def save(request: HttpRequest) -> HttpResponse:
    """GET draws a form; POST saves as the reader it was drawn for, or answers 409."""
    if request.method != "POST":
        return HttpResponse(FORM.render({"mark": reader_mark(request)}, request))
    if not same_reader(request):
        return HttpResponse("another reader", status=409)
    return HttpResponse(str(ensure_learner(request).pk))


@login_not_required
def claim(request: HttpRequest) -> HttpResponse:
    guest = guest_to_claim(request)
    return HttpResponse(str(guest.pk) if guest else "")


urlpatterns = [path("save/", save), path("claim/", claim), *site_urlpatterns]
