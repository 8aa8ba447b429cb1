"""A drawn page as it looks, with nothing in it that could be sent: for looking over a shoulder."""

from html import escape
from html.parser import HTMLParser

from django.utils.safestring import SafeString, mark_safe

CONTROLS = frozenset({"input", "select", "textarea", "button"})
KEPT_DATA = frozenset({"data-note", "data-pattern", "data-shut"})
"""Data attributes that style sheets read; scripts read the others, to save or to send."""


def without_forms(html: str) -> SafeString:
    """The HTML with every form a plain block, and every control disabled and without a name.

    Hidden fields go, tokens and marks of readers with them, and so does whatever a script would
    take as an order to send something. `html` is well-formed and of our own drawing.
    """
    page = _Readonly()
    page.feed(html)
    page.close()
    return mark_safe("".join(page.parts))  # noqa: S308  # what came in, with less in it


class _Readonly(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs)

    def _open(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden":
            return
        kept = [(name, value) for name, value in attrs if _may_stay(tag, name)]
        if tag in CONTROLS:
            kept.append(("disabled", None))
        elif tag != "form" and len(kept) == len(attrs):
            self.parts.append(raw)
            return
        name = "div" if tag == "form" else tag
        inside = "".join(f" {key}" if v is None else f' {key}="{escape(v)}"' for key, v in kept)
        self.parts.append(f"<{name}{inside}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{'div' if tag == 'form' else tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Left out."""


def _may_stay(tag: str, name: str) -> bool:
    if name.startswith("hx-") or (name.startswith("data-") and name not in KEPT_DATA):
        return False
    if tag == "form":
        return name not in {"action", "method", "enctype", "novalidate"}
    if tag in CONTROLS:
        # A radio button keeps its group by nothing now: all are disabled, and say what is chosen.
        return name not in {"name", "form", "formaction", "formmethod", "disabled", "autofocus"}
    return True
