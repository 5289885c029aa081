"""Unsubscribe: one page with one button, and the one-click POST of RFC 8058. Looking changes nothing: scanners look.

No log-in, no question, at once (CAN-SPAM 316.5, Gmail and Yahoo sender rules, as read on 2026-11-20).
"""

from flask import Blueprint, Response, make_response, render_template, request

from lifecycle.errors import NotFound
from lifecycle.house import House
from pages.links import Leaving, Links
from pages.unsubscribe_words import RIGHT_TO_LEFT, WORDS


def add_unsubscribe(doors: Blueprint, house: House, links: Links) -> None:
    """`/unsubscribe/<token>`: GET shows the page, POST (whatever its body: the token says all) unsubscribes and answers 200."""

    def show(token: str) -> Response:
        return _page(house, _leaving(links, token), done=False)

    def leave(token: str) -> Response:
        leaving = _leaving(links, token)
        if leaving is None or not _suppressed(house, leaving):
            return _page(house, None, done=False)
        return _page(house, leaving, done=True)

    doors.add_url_rule("/unsubscribe/<token>", "unsubscribe", show, methods=["GET"])
    doors.add_url_rule("/unsubscribe/<token>", "unsubscribed", leave, methods=["POST"])


def _leaving(links: Links, token: str) -> Leaving | None:
    try:
        return links.leaving(token)
    except NotFound:
        return None


def _suppressed(house: House, leaving: Leaving) -> bool:
    """Write it down; False when the store is not there. Once more is the same as once."""
    with house.records.transaction() as tx:
        if tx.stores.get(leaving.store_id) is None:
            return False
        tx.people.suppress(leaving.store_id, leaving.address, "unsubscribed", house.clock.now(), marketing_only=True)
    return True


def _page(house: House, leaving: Leaving | None, *, done: bool) -> Response:
    store = None
    if leaving is not None:
        with house.records.reading() as tx:
            store = tx.stores.get(leaving.store_id)
    language = request.accept_languages.best_match(list(WORDS)) or (store.locale[:2] if store else "en")
    words = WORDS.get(language, WORDS["en"])
    language = language if language in WORDS else "en"
    page = render_template(
        "unsubscribe.html",
        store=store,
        done=done,
        words=words,
        language=language,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
    )
    return make_response(page, 200 if store else 404)
