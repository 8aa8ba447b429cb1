"""How every form of ours is drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Labels above fields, help and errors tied to them, an error summary on top."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"
