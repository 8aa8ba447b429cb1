"""An administrator erases a person who cannot, or may not, do it themselves."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lessons.accounts.domain import Refused, why_not_erase
from lessons.accounts.models import User
from lessons.guided import domain
from lessons.guided.erasing import what_would_go


@require_http_methods(["GET", "HEAD", "POST"])
def person_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes, and one field in which the user name must be typed."""
    if not (request.user.is_staff and request.user.has_perm("accounts.delete_user")):
        raise Http404
    person = get_object_or_404(User, pk=pk)
    context = {"person": person, "going": what_would_go(person), "kept": why_not_erase(person)}
    if person.is_staff:
        context["kept"] = _(
            "This is an editor's account, which the history of the content names. Take the rights"
            " away first, or close the account (active)."
        )
    if request.method != "POST":
        return render(request, "guided/person_erase.html", context)
    if context["kept"]:
        return render(request, "guided/person_erase.html", context, status=409)
    if request.POST.get("username", "").strip().casefold() != person.username:
        context["error"] = _("Type the user name as it stands above. Nothing was erased.")
        return render(request, "guided/person_erase.html", context, status=422)
    try:
        domain.erase_learner(learner=person)
    except Refused as refusal:
        context["kept"] = str(refusal)
        return render(request, "guided/person_erase.html", context, status=409)
    messages.success(
        request, _("Erased. Backups made before hold a copy until they are overwritten.")
    )
    return redirect(reverse("admin:accounts_user_changelist"))
