"""The forms of an account. None has a field for a role."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from lessons.core.forms import StorableTextMixin, validate_one_line

from .domain import EMAIL_TAKEN, NAME_TAKEN
from .models import User

PASSWORD_LENGTH = 256  # longer ones only cost the server time


class DisplayNameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Name shown"))
        super().__init__(
            max_length=80,
            required=False,
            help_text=_("What your class sees. A first name is enough."),
            validators=[validate_one_line],
            widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
            **kwargs,
        )


class OptionalEmailField(forms.EmailField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("E-mail"),
            max_length=254,
            required=False,
            help_text=_("You do not need one."),
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            **kwargs,
        )


class NewPasswordField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=PASSWORD_LENGTH,
            strip=False,
            help_text=password_validators_help_text_html(),
            widget=forms.PasswordInput(
                attrs={"autocomplete": "new-password", "data-show-password": ""}
            ),
            **kwargs,
        )


def _check_email_is_free(email: str, *, but: User | None = None) -> str:
    holders = User.objects.filter(email__iexact=email).exclude(pk=but.pk if but else 0)
    if email and holders.exists():
        raise ValidationError(EMAIL_TAKEN, code="unique")
    return email


class SignUpForm(StorableTextMixin, forms.Form):
    display_name = DisplayNameField()
    username = UsernameField(
        label=_("User name"),
        max_length=60,
        help_text=_(
            "You sign in with it. Letters, digits and . - _ + @ only;"
            " capitals make no difference. Your full name is not needed."
        ),
        validators=[UnicodeUsernameValidator()],
    )
    password = NewPasswordField(label=_("Password"))
    email = OptionalEmailField()

    def clean_username(self) -> str:
        typed: str = self.cleaned_data["username"]
        name = User.normalize_username(typed)
        if name.startswith("guest-"):
            raise ValidationError(_("Choose a name that does not begin with guest-."), code="guest")
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(NAME_TAKEN, code="unique")
        return typed

    def clean_email(self) -> str:
        return _check_email_is_free(self.cleaned_data["email"])

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "password" in cleaned:
            person = User(
                username=cleaned.get("username", ""),
                email=cleaned.get("email", ""),
                display_name=cleaned.get("display_name", ""),
            )
            try:
                validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        if "username" in cleaned and not cleaned.get("display_name"):
            cleaned["display_name"] = cleaned["username"]
        return cleaned


class SignInForm(StorableTextMixin, AuthenticationForm):
    """One message for every failure: it does not tell whether the name exists."""

    error_messages = {
        "invalid_login": _(
            "This name and password do not belong together. Look for a slip of the keyboard and"
            " for Caps Lock; capitals matter in the password only."
        ),
        "inactive": _("This name and password do not belong together."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label = _("User name")
        # Django sets only the attribute; SQLite raises on a LIKE of more than 50,000 bytes.
        username.validators.append(_no_longer_than(150))
        password.widget.attrs["data-show-password"] = ""
        password.validators.append(_no_longer_than(PASSWORD_LENGTH))


class ProfileForm(StorableTextMixin, forms.Form):
    display_name = DisplayNameField()
    email = OptionalEmailField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        return _check_email_is_free(self.cleaned_data["email"], but=self.user)


class PasswordChangeForm(StorableTextMixin, forms.Form):
    old_password = forms.CharField(
        label=_("Password now"),
        strip=False,
        max_length=PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = NewPasswordField(label=_("New password"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @sensitive_variables()
    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if not self.user.check_password(old):
            raise ValidationError(_("This is not your password now."), code="wrong")
        return old

    @sensitive_variables()
    def clean_password(self) -> str:
        new: str = self.cleaned_data["password"]
        validate_password(new, self.user)
        if self.user.password_set_by and self.user.check_password(new):
            raise ValidationError(_("Choose another one than you were given."), code="same")
        return new


def _no_longer_than(length: int) -> MaxLengthValidator:
    return MaxLengthValidator(length, message=SignInForm.error_messages["invalid_login"])
