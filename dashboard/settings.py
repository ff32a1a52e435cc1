"""Settings of the project; every value from outside comes through ``dashboard.env``.

``THUOCDO_ENV`` says what this is: ``development`` (the default), ``demo`` (as ``make demo`` runs
it: the built files of production on loopback, with invented accounts), ``test``, ``production``.
"""

from __future__ import annotations

from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.contrib.messages.constants import ERROR

from dashboard import env, logs
from dashboard.oidc import configuration as oidc
from dashboard.services.holding import running_address, var_directory

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_directory()

MODE = env.choice("THUOCDO_ENV", ["development", "demo", "test", "production"], "development")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"
TEST = MODE == "test"
DEBUG = MODE == "development"

SECRET_KEY = env.secret(
    "SECRET_KEY", None if PRODUCTION else env.stored_secret(VAR_DIR / "secret_key")
)
ALLOWED_HOSTS = env.listing(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]", "testserver"],
    hint="set it to the host names of the site, separated by commas" if PRODUCTION else None,
)
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")
# Where readers of a letter find the site.
SITE_URL = env.site(
    "SITE_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://localhost:8000"
)

INSTALLED_APPS = [
    "documents",
    "targets",
    "dashboard",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "pghistory",  # for the first migration; history is in targets.trail
    "pgtrigger",
    "rules",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # After WhiteNoise, whose files are compressed already; a page shrinks to a seventh.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dashboard.middleware.ChosenLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.middleware.TrailMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dashboard.uploads.BodyLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dashboard.access.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"

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
                "dashboard.shell.shell",
            ],
        },
    },
]

# Data: one PostgreSQL. A web process with threads sets DATABASE_POOL_SIZE; the others keep one
# connection each. Django does not allow both a pool and connections that live on.
DATABASES = {
    "default": env.database("DATABASE_URL", None if PRODUCTION else running_address("postgres"))
}
_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 0, minimum=0, maximum=100)
if _POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": _POOL_SIZE, "timeout": 10}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 0 if TEST else 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"]["TEST"] = {"NAME": env.text("THUOCDO_TEST_DATABASE", "test_thuocdo")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The cache has database N of the server and the queue N + 1: emptying the cache empties no queue.
REDIS_URL = env.redis("REDIS_URL", None if PRODUCTION else running_address("valkey"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "thuocdo",
        "TIMEOUT": 3600,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 3600

# Where values may be pulled from: hosts, with ports if not 80 and 443, and networks that are not
# public although a host is in them. Nothing listed: nowhere.
PULL_HOSTS = env.hosts("PULL_HOSTS")
PULL_PRIVATE_NETWORKS = env.networks("PULL_PRIVATE_NETWORKS")
# Where answers are kept while they are read, each database's apart.
PULL_FOLDER = env.path("PULL_FOLDER", VAR_DIR / "pulls")

# Work in the background. A task may run twice and must not mind: it is acknowledged when done.
CELERY_BROKER_URL = env.redis("BROKER_URL", env.next_redis_database(REDIS_URL))
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_ROUTES = {
    # A worker of their own may take them, so that slow sources keep nothing else waiting.
    "targets.tasks.pull_source": {"queue": "pulls"},
    "targets.tasks.pull_asked": {"queue": "pulls"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 540  # seconds
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # seconds; longer than the longest task, or it would run twice
    # By name: a worker of both takes what waits in "celery" before it looks into "pulls".
    "queue_order_strategy": "sorted",
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULER = "dashboard.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 10  # seconds
# The first five are safety nets: whoever changes something asks a worker at once. A look
# that no worker took before the next one is due is dropped.
CELERY_BEAT_SCHEDULE = {
    "verdicts": {
        "task": "targets.tasks.assess_pending",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "figures": {
        "task": "dashboard.tasks.build_figures",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "mails": {
        "task": "targets.tasks.send_mails",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "uploads": {
        "task": "targets.tasks.read_uploads",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "sources": {
        "task": "targets.tasks.watch_sources",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "nightly": {
        "task": "targets.tasks.assess_everything",
        "schedule": crontab(hour=0, minute=5),
    },
    # More than once a day: a change of the catalogue reaches open reports, and no day is missed.
    "cycles": {
        "task": "targets.tasks.open_cycles",
        "schedule": crontab(minute=35),
        "options": {"expires": 3000},
    },
    "reminders": {
        "task": "targets.tasks.remind",
        "schedule": crontab(hour=8, minute=0),
    },
    "history": {
        "task": "targets.tasks.verify_history",
        "schedule": crontab(hour=1, minute=5),
    },
    "forget-past-figures": {
        "task": "dashboard.tasks.forget_past_figures",
        "schedule": crontab(hour=0, minute=25),
    },
}
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
BEAT_HEARTBEAT = env.path("BEAT_HEARTBEAT", VAR_DIR / "beat.heartbeat")

# Language and time: Vietnamese first, whatever the browser says (see dashboard.middleware).
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
# django-allauth has no Vietnamese of its own.
LOCALE_PATHS = [BASE_DIR / "dashboard" / "allauth_locale"]
USE_I18N = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Browser files: everything comes from the application itself.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", VAR_DIR / "static")
_BUILT = PRODUCTION or DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is uploaded
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _BUILT
WHITENOISE_AUTOREFRESH = not _BUILT
if not _BUILT:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing one
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Sign-in: by password or passkey, second factor if the user sets one up or a role demands it, or
# at a ministry's identity provider; accounts are made by administrators.
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "dashboard.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# A whole ministry may sit behind one address, and all of it signs in on the last day.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,5/300s/key"}
MFA_ADAPTER = "dashboard.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "dashboard.account_forms.AddKeyForm",
    "edit_webauthn": "dashboard.account_forms.EditKeyForm",
}
MFA_TOTP_ISSUER = "Thước Đo"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up with another's address
SOCIALACCOUNT_ADAPTER = "dashboard.accounts.KnownPeopleAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
_OIDC = oidc.providers(plain_http=not PRODUCTION)
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": _OIDC, "provider_class": "dashboard.oidc.provider.OIDCProvider"}
}

# As the style sheet calls them.
MESSAGE_TAGS = {ERROR: "danger"}

# Security.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        # The button that signs in at an identity provider is a form that is sent on to it.
        "form-action": [SELF, *oidc.origins(_OIDC)],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = [
    "dashboard.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^suc-khoe/$"]  # asked from inside the container, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
if env.flag("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

EMAIL_BACKEND = (
    "targets.reporting.smtp.EmailBackend"
    if PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10  # seconds
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "", minimum=0)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "thuocdo@localhost")

LOGGING = logs.configuration(
    json=PRODUCTION,
    level=env.choice(
        "LOG_LEVEL",
        ["DEBUG", "INFO", "WARNING", "ERROR"],
        "INFO" if PRODUCTION or DEBUG else "WARNING",
    ),
)
