"""Settings of the bare views that pages are measured against.

The same database, sessions and users, and the middleware of a new Django project.
"""

import os

from coldwar.settings import *  # noqa: F403

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.bench.bare_urls"
WSGI_APPLICATION = "tests.bench.bare_wsgi.application"
BARE_BYTES = int(os.environ.get("BARE_BYTES", "1000"))
