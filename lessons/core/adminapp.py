"""Django's admin with our own site; it stands in INSTALLED_APPS in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class GuardedAdminConfig(AdminConfig):
    default_site = "lessons.core.admin_site.GuardedAdminSite"
