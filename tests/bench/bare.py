"""Settings and addresses of the bare views that pages are measured against.

The same database, sessions and users, and nothing else: no middleware but session and sign-in.
"""

import os

from coldwar.settings import *  # noqa: F403

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.bench.bare_urls"
WSGI_APPLICATION = "tests.bench.bare_wsgi.application"
BARE_BYTES = int(os.environ.get("BARE_BYTES", "1000"))
