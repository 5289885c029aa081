"""Health: whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response

from lifecycle.errors import HouseError
from lifecycle.house import House


def add_health(doors: Blueprint, house: House) -> None:
    """`/healthz`: 200 while the process answers. `/readyz`: 200 when the database can be written, else 503 with one word."""

    def healthz() -> Response:
        return _word("ok", 200)

    def readyz() -> Response:
        try:
            house.records.check()
        except HouseError as error:
            return _word(error.reason.split()[0], 503)
        except Exception:  # noqa: BLE001 - whatever a driver raises means the same to who asks
            return _word("database", 503)
        return _word("ok", 200)

    doors.add_url_rule("/healthz", view_func=healthz)
    doors.add_url_rule("/readyz", view_func=readyz)


def _word(word: str, status: int) -> Response:
    return Response(word, status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
