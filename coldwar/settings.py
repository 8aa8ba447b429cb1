"""Settings, read from the environment (see .env.example).

ENVIRONMENT is `development` (nothing needs to be set), `demo` (development's ease with the
production server, on this machine only) or `production` (refuses to start half-configured).
"""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from coldwar import env
from lessons.core.logs import logging_settings
from lessons.core.storage import redis_cache, sqlite_database

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice(
    "ENVIRONMENT", ("development", "demo", "production"), default="development"
)
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"
DEBUG = ENVIRONMENT == "development"
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
ERASED_FILE = DATA_DIR / "erased.txt"
BACKUP_DIR = Path(env.text("BACKUP_DIR", str(DATA_DIR / "backups")))

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
if PRODUCTION:
    SECRET_KEY = env.required(
        "SECRET_KEY", "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
    env.required("ALLOWED_HOSTS", "Write the host names of this site, with commas.")
else:
    SECRET_KEY = env.text("SECRET_KEY") or env.local_secret(DATA_DIR / "secret-key")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", LOOPBACK)

# --- Applications ---------------------------------------------------------------------------
INSTALLED_APPS = [
    "lessons.core",
    "lessons.accounts",
    "lessons.documents",
    "lessons.quizzes",
    "lessons.guided",
    "lessons.classrooms",
    "django.forms",
    "lessons.core.editors.EditorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "simple_history",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lessons.core.logs.RequestLog",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "lessons.core.middleware.Utf8Middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lessons.accounts.middleware.SignedOut",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "lessons.accounts.middleware.OwnPasswordFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lessons.core.middleware.ReaderCacheMiddleware",
    "lessons.documents.middleware.DocumentAtHand",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "coldwar.urls"
WSGI_APPLICATION = "coldwar.wsgi.application"
FORM_RENDERER = "lessons.core.forms.Renderer"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lessons.core.context_processors.site",
            ],
            "builtins": ["django.templatetags.i18n", "template_partials.templatetags.partials"],
            # Partials are found by "page.html#name"; parsed templates are kept except while
            # developing, so that an edit shows at once.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    },
]

# --- Storage (the reasons stand in docs/decisions/) ----------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
DATABASES: dict[str, Any]
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=0)}
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must be a postgres:// address; leave it unset for SQLite."
        )
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": env.number("DATABASE_POOL", 4, at_least=1),
        "timeout": 10,
    }
    # Compiling a report's query took 370 ms, running it 110: PostgreSQL guesses its cost too high.
    # A writer waits for a lock as long as SQLite's does, then the reader is told (503).
    waits = "-c jit=off -c lock_timeout=10s"
    # A report over a class that PostgreSQL has not counted yet was seen to run for ten minutes: so
    # that it does not hold a worker, whoever asked is told (503) and asks again.
    if seconds := env.number("STATEMENT_TIMEOUT", 0, at_least=0):
        waits += f" -c statement_timeout={seconds}s"
    DATABASES["default"]["OPTIONS"].setdefault("options", waits)
else:
    DATABASES = {"default": sqlite_database(DATA_DIR / "db.sqlite3")}
# Shared by several servers, Valkey or Redis keeps the counts of throttles and copies of sessions.
# Without it each process counts for itself, and sessions are rows alone.
SESSION_ENGINE = "lessons.accounts.sessions"
CACHE_URL = env.text("CACHE_URL")
if CACHE_URL:
    CACHES = {"default": redis_cache(CACHE_URL)}
    SESSION_ENGINE = "lessons.accounts.shared_sessions"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
"""How many proxies of our own stand before the server and append to X-Forwarded-For."""

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lessons.accounts.backends.NamesWithoutCaseBackend",
]
PASSWORD_HASHERS = [
    "lessons.accounts.hashers.SchoolArgon2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "guided:me"
LOGOUT_REDIRECT_URL = "guided:home"

# A school is one address: what is locked is a name *at* an address, never the address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 5 / 60  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "lessons.accounts.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # theirs shows what was sent; lessons.accounts.admin has our own
AXES_USERNAME_CALLABLE = "lessons.accounts.backends.axes_username"
AXES_CLIENT_IP_CALLABLE = "lessons.core.views.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying again does not prolong a lock

SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lessons.core.views.csrf_failure"

# --- Language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- Static files -----------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "coldwar" / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# --- Security ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
LARGEST_BODY = 512 * 1024
"""Bytes. Whatever is sent here is a text or a list, and smaller."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
LARGER_BODIES = {
    # A volume of TEI is imported whole: 16 MB, and the form around it.
    "/admin/documents/document/import/": 17 * 1024 * 1024,
    # A bank of questions has up to 2 MB; a little more is refused there in words.
    "/admin/quizzes/question/import-gift/": 3 * 1024 * 1024,
}
# What is pasted counts here, what is uploaded does not. Every address but those two is held to
# LARGEST_BODY before anything is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 17 * 1024 * 1024
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The rest ---------------------------------------------------------------------------------
SIMPLE_HISTORY_ENABLED = True
LOGGING = logging_settings(production=PRODUCTION, demo=DEMO, level=env.text("LOG_LEVEL", "WARNING"))
SITE_NAME = env.text("SITE_NAME", "Cold War Lessons")
CONTACT = env.text("CONTACT", "")
