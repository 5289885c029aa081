from dataclasses import replace

from flask import Flask

from lifecycle.errors import HouseError
from pages.doors import blueprint


class Memory:
    """Fails its check as it was told."""

    def __init__(self, trouble):
        self.trouble = trouble

    def check(self):
        raise self.trouble


def asked(house, trouble, path):
    app = Flask("house")
    app.register_blueprint(blueprint(replace(house, records=Memory(trouble))))
    return app.test_client().get(path)


def test_house_that_works_is_healthy_and_ready(visitor):
    assert (visitor.get("/healthz").status_code, visitor.get("/healthz").text) == (200, "ok")
    assert (visitor.get("/readyz").status_code, visitor.get("/readyz").text) == (200, "ok")


def test_house_without_database_lives_but_is_not_ready(house):
    for trouble, word in (
        (HouseError("old_schema", "Run migrate."), "old_schema"),
        (RuntimeError("secret dsn"), "database"),
    ):
        assert asked(house, trouble, "/healthz").status_code == 200
        ready = asked(house, trouble, "/readyz")
        assert (ready.status_code, ready.text) == (503, word)
