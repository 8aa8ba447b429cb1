"""The WSGI entry point. A server that is started through it is in production unless told otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coldwar.settings")
os.environ.setdefault("ENVIRONMENT", "production")

application = get_wsgi_application()
