"""Which document a page is about, for links such as `[¶4]` in what editors wrote."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .links import document_at_hand, found_by_address

GetResponse = Callable[[HttpRequest], HttpResponse]


class DocumentAtHand:
    """Asks nothing of the database until a text on the page holds such a link."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def find() -> str | None:
            match = request.resolver_match
            return found_by_address(match.kwargs) if match else None

        with document_at_hand(find):
            return self.get_response(request)
