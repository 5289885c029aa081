"""The doors for people, put together: one blueprint, and the headers that every HTML answer carries."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from lifecycle.house import House
from pages.custom import add_custom
from pages.health import add_health
from pages.letters import add_letters
from pages.links import links_of
from pages.mailbox import add_mailbox
from pages.shopify import add_shopify
from pages.unsubscribe import add_unsubscribe
from pages.woocommerce import add_woocommerce

TEMPLATES = Path(__file__).parent.parent / "templates" / "pages"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    ),
    # Keys stand in the address: nothing may keep the page, and no other site may see where a click came from.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def blueprint(house: House) -> Blueprint:
    """Every page of this house, for `app.register_blueprint`."""
    doors = Blueprint(
        "pages", __name__, static_folder="static", static_url_path="/pages/static", template_folder=str(TEMPLATES)
    )
    links = links_of(house)
    add_health(doors, house)
    add_letters(doors, house, links)
    add_custom(doors, house, links)
    add_mailbox(doors, house, links)
    add_unsubscribe(doors, house, links)
    add_woocommerce(doors, house, links)
    in_admin = add_shopify(doors, house)

    def home() -> Any:
        """The front page; the address that a platform's admin opens may be this one too."""
        launched = in_admin is not None and "shop" in request.args
        return in_admin() if in_admin is not None and launched else render_template("home.html")

    doors.add_url_rule("/", "home", home)
    doors.after_app_request(guarded)
    return doors


def guarded(answer: Response) -> Response:
    """The answer with HEADERS when it is HTML; a page that set one of them itself keeps its own."""
    if answer.mimetype == "text/html":
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
    return answer
