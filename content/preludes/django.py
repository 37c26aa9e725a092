"""What a Django block of the bank stands on: a small project `blog` on SQLite in memory.

Models Author and Post, two authors, three published posts and a draft; Django's standard middleware; DRF;
`connection.queries` keeps the SQL that the block ran. The runner calls `namespace()` in a fresh process.

The globals of a block are the module `blog.models`, which also answers to the names below. So a model declared in a
block needs no app_label, `urlpatterns` of a block are the URLs of the project, and a setting may name
"blog.middleware.Timer". A table for a model declared in a block is made before the first SQL that the block runs.
"""
import sys
import types
from importlib.machinery import ModuleSpec

import django
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connection, models, reset_queries
from django.db.backends.signals import connection_created
from django.db.models.signals import class_prepared

ALIASES = "urls", "views", "middleware", "context_processors", "backends", "consumers", "signals", "managers"


def new_module(name):
    module = sys.modules[name] = types.ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)  # Django looks for the submodules of an app
    return module


blog, module = new_module("blog"), new_module("blog.models")
blog.__path__ = []  # a package without files
for alias in ALIASES:
    sys.modules["blog." + alias] = module
    setattr(blog, alias, module)
blog.models = module
blog.BlogConfig = type("BlogConfig", (AppConfig,), {"__module__": "blog", "name": "blog", "path": "/nonexistent/blog"})

settings.configure(
    DEBUG=True,  # fills connection.queries
    SECRET_KEY="not a secret: there is no server",
    ALLOWED_HOSTS=["*"],
    # The shared cache lets a thread of sync_to_async() see the same tables.
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:blog?mode=memory&cache=shared"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.messages", "django.contrib.staticfiles", "rest_framework", "rest_framework.authtoken",
        "blog.BlogConfig",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    ROOT_URLCONF="blog.urls",
    STATIC_URL="/static/",
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.debug", "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages",
        ]},
    }],
    USE_TZ=True,
    LOGGING_CONFIG=None,
)
django.setup()

pending = []  # models without a table yet


def create_tables():
    """Past the ORM's cursor on purpose: the log stays empty, and it works inside a transaction."""
    while pending:
        model = pending.pop(0)
        run = connection.connection.execute
        if model is not apps.all_models[model._meta.app_label].get(model._meta.model_name):
            continue  # the block declared a model of this name once more
        if not model._meta.can_migrate(connection) or model._meta.auto_created:
            continue  # proxy, swapped, managed = False; a table of many-to-many comes with its model
        many = [field.remote_field.through for field in model._meta.local_many_to_many]
        run("PRAGMA foreign_keys = OFF")  # a redeclared Author starts empty, though posts have pointed to it
        for table in [m._meta.db_table for m in many if m._meta.auto_created] + [model._meta.db_table]:
            run(f'DROP TABLE IF EXISTS "{table}"')
        run("PRAGMA foreign_keys = ON")
        editor = connection.schema_editor(collect_sql=True)
        editor.deferred_sql = []
        editor.create_model(model)
        for statement in editor.collected_sql + editor.deferred_sql:
            run(str(statement))


def before_each_statement(execute, sql, params, many, context):
    if pending:
        create_tables()
    return execute(sql, params, many, context)


def forget(cls, **kwargs):
    """Django ties the fields of a redeclared Post to the old one unless that has left the registry."""
    if cls.__module__ == "blog.models":
        apps.all_models["blog"].pop(cls.__name__.lower(), None)


def remember(sender, **kwargs):
    if sender.__module__ == "blog.models":  # a migration's historical models are elsewhere
        pending.append(sender)


def watch(connection, **kwargs):
    connection.execute_wrappers.append(before_each_statement)


models.Model.__init_subclass__ = classmethod(forget)
class_prepared.connect(remember)
connection_created.connect(watch)


class Author(models.Model):
    __module__ = "blog.models"
    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


class Post(models.Model):
    __module__ = "blog.models"
    title = models.CharField(max_length=100)
    draft = models.BooleanField(default=False)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    def __str__(self):
        return self.title


module.models, module.Author, module.Post = models, Author, Post

connection.ensure_connection()
pending[:0] = [model for model in apps.get_models() if model.__module__ != "blog.models"]
create_tables()
ann, bob = Author.objects.create(name="Ann"), Author.objects.create(name="Bob")
for title, draft, author in (("Django", False, ann), ("Async", False, ann), ("SQL", False, bob), ("Zen", True, bob)):
    Post.objects.create(title=title, draft=draft, author=author)


def namespace():
    """The globals of one block."""
    reset_queries()
    return vars(module)
