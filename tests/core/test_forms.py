"""How forms are drawn, and which text they refuse."""

import pytest
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import QueryDict

from lessons.core.forms import is_local_path, refuse_lone_surrogates, validate_one_line


class Example(forms.Form):
    name = forms.CharField(label="Name", help_text="As you like.")
    side = forms.ChoiceField(
        label="Side", choices=[("east", "East"), ("west", "West")], widget=forms.RadioSelect
    )
    remark = forms.CharField(label="Remark", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_form_ties_help_and_errors_to_fields_and_sums_up_on_top() -> None:
    html = str(Example({"name": "", "side": "", "remark": "<b>"}))
    assert html.index('class="error-summary" role="alert" tabindex="-1"') < html.index("id_name")
    assert '<li><a href="#id_name">Name: This field is required.</a></li>' in html
    assert '<li><a href="#id_side_0">Side: This field is required.</a></li>' in html
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert '<ul class="errors" id="id_name_error">' in html
    assert '<fieldset class="field" aria-describedby="id_side_error">' in html
    assert "<legend>Side</legend>" in html
    assert '<label for="id_remark">Remark <small>(optional)</small></label>' in html
    assert 'value="&lt;b&gt;"' in html
    assert html.count('<input type="hidden" name="token"') == 1
    assert "style=" not in html


def test_form_without_errors_has_no_summary() -> None:
    assert "error-summary" not in str(Example())
    assert "checked" not in str(Example())


@pytest.mark.parametrize("text", ["Amara", "O’Neill-Şahin", "نور\u200cجہاں", "王", "🙂", ""])
def test_one_line_of_any_script_is_let_in(text: str) -> None:
    validate_one_line(text)


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "\u202eb", "\u2066", "\u2028", "\x7f", "\ue000"])
def test_text_that_cannot_be_seen_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        validate_one_line(text)


def test_lone_surrogates_are_refused_in_names_and_in_every_value() -> None:
    refuse_lone_surrogates(QueryDict("a=1&a=%F0%9F%99%82"))
    second = QueryDict(mutable=True)
    second.setlist("a", ["fine", "\ud800"])
    for bad in (second, {"\udfff": "fine"}, {"a": "\ud83d\ude42"[:1]}):
        with pytest.raises(BadRequest):
            refuse_lone_surrogates(bad)


@pytest.mark.parametrize("address", ["/", "/documents/hussein/?cite=3#p4", "/a//b"])
def test_paths_of_this_site_are_local(address: str) -> None:
    assert is_local_path(address) is True


@pytest.mark.parametrize(
    "address",
    ["", "documents/", "//evil.example", "/\\evil.example", "///evil.example", "http://x/"],
)
def test_other_addresses_are_not_local(address: str) -> None:
    assert is_local_path(address) is False
