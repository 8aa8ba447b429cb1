"""The WSGI entry point. A server started through it is in production unless told otherwise."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coldwar.settings")
os.environ.setdefault("ENVIRONMENT", "production")
os.environ.setdefault("STATEMENT_TIMEOUT", "60")  # seconds for a page's query; commands may go on

application = get_wsgi_application()

from lessons.core.startup import begin_to_serve  # noqa: E402  # apps must be ready before

begin_to_serve()

# What was made while starting lives as long as the process: the collector need not walk it again
# and again. Measured: without this, collections take about a third of a step page's time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 50, 100)
