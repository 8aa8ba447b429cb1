"""`{{ text|markdown }}` and `{{ text|markdown_inline }}`."""

from django import template
from django.utils.safestring import SafeString

from lessons.core.markdown import to_html, to_inline_html

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return to_html(text)


@register.filter
def markdown_inline(text: str) -> SafeString:
    return to_inline_html(text)
