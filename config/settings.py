"""Settings of every process; what differs between machines comes from the environment."""

from datetime import timedelta
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.environment import BASE_DIR, read, read_agents, read_fhir_sources, read_flag, var_dir

DEMO = read_flag("ANKANG_DEMO")
DEBUG = False
SECRET_KEY = read("SECRET_KEY")

ORIGIN = read("ANKANG_ORIGIN", "http://localhost:8000")
AGENT_ORIGIN = read("ANKANG_AGENT_ORIGIN", "http://127.0.0.1:24777")
# The demo's computers: institution code → its agent. Elsewhere each browser has the one beside it.
DEMO_AGENTS = read_agents(read("ANKANG_DEMO_AGENTS", "")) if DEMO else {}
ALLOWED_HOSTS = read("ANKANG_HOSTS", "localhost").split(",")
VAR_DIR = var_dir()
VIRTUAL_CARDS = Path(read("ANKANG_VIRTUAL_CARDS", str(VAR_DIR / "virtual-cards")))
DEMO_CA_DIR = VAR_DIR / "demo-ca"

# --- apps, top of the staircase first --------------------------------------------------------------
INSTALLED_APPS = [
    "apps.oversight",
    "apps.portal",
    "apps.emergency",
    "apps.booking",
    "apps.travel",
    "apps.visits",
    "apps.immunizations",
    "apps.records",
    "apps.queries",
    "apps.cards",
    "apps.workstations",
    "apps.access",
    "apps.imports",
    "apps.institutions",
    "apps.accounts",
    "apps.identities",
    "apps.audit",
    "apps.core",
    "guardian",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "config.backoffice.BackofficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.RequestIdMiddleware",
    "apps.core.middleware.ContentPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Above: what every answer has. Below: what only those need who are not answered at the door.
    "apps.access.middleware.DoorMiddleware",
    "apps.audit.edge.CountingMiddleware",
    "apps.accounts.middleware.SessionMiddleware",
    "apps.core.middleware.LanguageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.access.middleware.DecisionMiddleware",
    "apps.accounts.middleware.PersonMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.context_processors.page",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "partials/table.html"

# --- database: persistent connections; each service owns its `atomic` (DESIGN 1) ---------------------
DATABASES = {
    "default": dj_database_url.parse(
        read("DATABASE_URL"),
        engine="apps.core.postgres",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
DATABASES["default"]["OPTIONS"] = {
    "application_name": "ankang",
    # Values travel apart from the statement, so that PostgreSQL keeps the plans of the hot ones.
    "server_side_binding": True,
    # A connection prepares what it sends for the third time: planning a decision or a booking costs
    # more than running it. PgBouncer needs max_prepared_statements.
    "prepare_threshold": 3,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": read("REDIS_URL"),
    }
}
# Bounded waits instead of a hanging page when Redis is away; no result is kept (nobody reads it).
CELERY_BROKER_URL = read("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Taipei"
CELERY_BEAT_SCHEDULE = {
    "imports.resume_imports": {"task": "imports.resume_imports", "schedule": timedelta(minutes=1)},
    "access.close_expired_grants": {
        "task": "access.close_expired_grants",
        "schedule": timedelta(hours=1),
    },
    "access.follow_offices": {"task": "access.follow_offices", "schedule": timedelta(hours=1)},
    "audit.bring_in": {"task": "audit.bring_in", "schedule": timedelta(minutes=1)},
    "oversight.apply_retention": {
        "task": "oversight.apply_retention",
        "schedule": timedelta(days=1),
    },
    "audit.ensure_partitions": {"task": "audit.ensure_partitions", "schedule": timedelta(days=1)},
    "accounts.clear_sessions": {"task": "accounts.clear_sessions", "schedule": timedelta(hours=1)},
    "oversight.compare_answers": {
        "task": "oversight.compare_answers",
        "schedule": timedelta(minutes=15),
    },
    "oversight.remove_old_exports": {
        "task": "oversight.remove_old_exports",
        "schedule": timedelta(hours=1),
    },
    "oversight.find_flags": {
        "task": "oversight.find_flags",
        "schedule": timedelta(minutes=5),
    },
    "booking.remind": {"task": "booking.remind", "schedule": timedelta(hours=1)},
    "booking.keep_waiting_lists": {
        "task": "booking.keep_waiting_lists",
        "schedule": timedelta(minutes=1),
    },
    "booking.send_messages": {
        "task": "booking.send_messages",
        "schedule": timedelta(minutes=1),
    },
    "cards.clear_transactions": {
        "task": "cards.clear_transactions",
        "schedule": timedelta(hours=1),
    },
    "cards.update_revocation_lists": {
        "task": "cards.update_revocation_lists",
        "schedule": timedelta(hours=1),
    },
    "queries.clear_queries": {"task": "queries.clear_queries", "schedule": timedelta(hours=1)},
}
# The journal of emergency downtimes, on this machine; web processes and workers share it.
DOWNTIME = Path(read("ANKANG_DOWNTIME", str(VAR_DIR / "downtime")))
# Files of imports on their way into the tables; web processes and workers share this folder.
IMPORTS = Path(read("ANKANG_IMPORTS", str(VAR_DIR / "imports")))
# Exports of the access log; web processes and workers share this folder.
EXPORTS = Path(read("ANKANG_EXPORTS", str(VAR_DIR / "exports")))
# Whether 誰看過我的資料 names the person beside role and institution (docs/explanation/access-log.md).
NAMES_FOR_PATIENTS = read("ANKANG_NAMES_FOR_PATIENTS", "1") != "0"
# A seal older than this stops the services on patients' data; these alone go on, flagged (FEATURES F9).
SEALING_STOP_AFTER = timedelta(hours=float(read("ANKANG_SEALING_STOP_HOURS", "4")))
SEALING_EXEMPT = frozenset({"IMQ"})
# Who carries messages to citizens' phones; without one they wait in the outbox.
MESSAGE_SENDER = read("ANKANG_MESSAGE_SENDER", "apps.booking.providers.FileSender" if DEMO else "")
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# Outside FHIR R4 servers that are asked besides our own tables: SERVICE=address, separated by commas;
# a token for each in ANKANG_FHIR_TOKEN_<SERVICE> (docs/how-to/fhir-source.md).
FHIR_SOURCES = read_fhir_sources(read("ANKANG_FHIR_SOURCES", ""))

# --- people, sessions and keys ----------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["apps.access.backends.DecideBackend"]
LOGIN_URL = "log_in"
SESSION_ENGINE = "apps.accounts.sessions"
AGENT_MINIMUM_VERSION = "0.1.0"  # older reader programs are refused (threat 25)
AGENT_NEWEST_VERSION = "0.1.0"  # until `publish_agent_bundle` publishes a newer one
# The public half of the key that bundles of the agent are signed with (docs/how-to/install-agent.md).
AGENT_RELEASE_KEY = read("ANKANG_AGENT_RELEASE_KEY", "")
# Of the server's present and next TLS key, written into security modules (card-protocol, 8).
TLS_PINS = [pin for pin in read("ANKANG_TLS_PINS", "").split(",") if pin]
SESSION_IDLE = timedelta(minutes=30)
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())  # absolute limit, ASVS 7.3.2
IDENTITY_KEYS = read("ANKANG_IDENTITY_KEYS")
# What visits and prescriptions are signed with (apps/visits/keys.py); without it no number is given.
HIS_KEYS = read("ANKANG_HIS_KEYS", "")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# guardian only stores grants; decide() answers, so its backend stays out (DESIGN 4).
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# --- browser security (DESIGN 3 "Headers") ------------------------------------------------------------
SECURE = ORIGIN.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
# The __Host- prefix needs https; the demo runs on http://localhost.
SESSION_COOKIE_NAME = "__Host-ankang_session" if SECURE else "ankang_session"
CSRF_COOKIE_NAME = "__Host-ankang_csrf" if SECURE else "ankang_csrf"
LANGUAGE_COOKIE_NAME = "ankang_language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [ORIGIN]
CSRF_FAILURE_VIEW = "apps.portal.refusals.csrf_failure"
REFUSAL_PAGE = "apps.portal.refusals.refusal_page"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if SECURE:  # nginx sets the header and drops a client's own (deploy/nginx.conf)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Only these are believed about whom they speak for (apps.core.addresses); nobody by default.
TRUSTED_PROXIES = [
    ip_network(each.strip())
    for each in read("ANKANG_TRUSTED_PROXIES", "").split(",")
    if each.strip()
]
# Institutions register addresses of the internet; a test installation may use those of its own house.
PRIVATE_NETWORKS = DEMO
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A card transaction starts with a form post that is redirected to the agent.
        "form-action": [SELF, AGENT_ORIGIN, *set(DEMO_AGENTS.values()) - {AGENT_ORIGIN}],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- language and time --------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Taipei"
USE_TZ = True

# --- static files: Bootstrap comes out of a wheel whose templates would shadow ours (reference/ui.md) ---
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", str(files("django_include_bootstrap") / "static")),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- APIs for machines -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # Agents prove themselves in the body of each call; no cookie ever authenticates an API.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.api.answer_refusal",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ankang",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {"fhirToken": {"type": "http", "scheme": "bearer"}},
    },
}

# --- log: to standard error, without query strings or bodies -------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": read("ANKANG_LOG_LEVEL", "INFO")},
    # A refusal is an event of the access log, and nginx has a line for each answer: a second line
    # here would name the address of somebody's card reading and say nothing new.
    "loggers": {"django.request": {"level": "ERROR"}},
}
