"""Letters: the pages on which every letter can be read as its customer gets it, with all that is known about it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from lifecycle.errors import NotFound
from lifecycle.house import House
from lifecycle.mails import MAILS
from lifecycle.messages import State
from lifecycle.oversight import MODE_WORDS
from pages import told
from pages.links import Links
from pages.reading import LONGEST_LIST, Filters, letter_in, letters_in, stores_in

BODY_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; "
    "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)
"""A letter's own HTML is shown as the customer gets it: its styles and pictures, no script, no form, no origin of ours."""

View = Callable[..., Response]


def add_letters(doors: Blueprint, house: House, links: Links) -> None:
    """`/letters/<key>/`: the list. `/letters/<key>/<id>`: one letter. `…/body`: its HTML alone, for the frame."""

    def the_list(key: str) -> Response:
        filters = Filters.of(request.args)
        with house.records.reading() as tx:
            stores = stores_in(tx, links.stores_of(key))
            rows = letters_in(tx, stores, filters)
        now = house.clock.now()
        lines = [
            told.letter_line(message)
            | {
                "href": url_for("pages.one_letter", key=key, message_id=message.id),
                "title": told.title_of(message.mail),
                "store_name": store.name,
                "when": told.short_time(message.created_at, store, now),
            }
            for store, message in rows
        ]
        return make_response(
            render_template("letters.html", key=key, stores=stores, lines=lines, filters=filters, states=list(State),
                            mails=MAILS.values(), most=LONGEST_LIST)
        )  # fmt: skip

    def one_letter(key: str, message_id: str) -> Response:
        read = letter_in(house, links.stores_of(key), message_id)
        shown = told.letter_whole(read.message, read.audit, read.heard)
        now = house.clock.now()
        view = "text" if request.args.get("as") == "text" else "html"
        return make_response(
            render_template("letter.html", key=key, store=read.store, message=read.message, shown=shown, view=view,
                            title=told.title_of(read.message.mail), audit=read.audit, mode_words=MODE_WORDS,
                            when=lambda at: told.clock_time(at, read.store, now))
        )  # fmt: skip

    def its_body(key: str, message_id: str) -> Response:
        read = letter_in(house, links.stores_of(key), message_id)
        html = read.message.letter.html if read.message.letter else ""
        answer = Response(html, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = BODY_POLICY
        return answer

    doors.add_url_rule("/letters/<key>/", "the_list", found(the_list))
    doors.add_url_rule("/letters/<key>/<message_id>", "one_letter", found(one_letter))
    doors.add_url_rule("/letters/<key>/<message_id>/body", "its_body", found(its_body))


def found(view: View) -> View:
    """The view, answering 404 with a page that says what to do when the key or the letter is not ours."""

    def answer(**parts: Any) -> Response:
        try:
            return view(**parts)
        except NotFound as missing:
            return make_response(render_template("gone.html", missing=missing), 404)

    return answer
