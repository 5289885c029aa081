"""The app inside Shopify's admin: a first visit connects the store, a later one shows how it stands.

Nothing here believes an address: who somebody is says the id token that the admin's App Bridge signs for a minute, never a
cookie, which no frame of another site has. Without a token a page bounces through App Bridge, which fetches one.
https://shopify.dev/docs/apps/build/authentication-authorization, as read on 2026-11-20
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lifecycle import installing
from lifecycle.errors import AccessLost, BadValue, HouseError, MemoryUnavailable, NotAuthentic, PlatformBusy
from lifecycle.house import House
from lifecycle.ports import Installs, Launch, Platform, Visit
from pages.shopify_consent import add_consent
from pages.told import said

BRIDGE = "https://cdn.shopify.com"
FRESH_TOKEN = {"X-Shopify-Retry-Invalid-Session-Request": "1"}
"""Tells App Bridge to fetch a fresh token and ask once more."""

BOUNCE_S = 30
"""How long a bounce may take."""

_BEARER = "Bearer "
View = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """The pages of one installation's app in the platform's admin."""

    house: House
    platform: Platform

    @property
    def app(self) -> Installs:
        assert isinstance(self.platform, Installs)
        return self.platform

    @property
    def address(self) -> str:
        """Our own address, from the configuration and never from the request."""
        return self.house.settings.public_url

    # ---- the page -----------------------------------------------------------------------------------------------------

    def home(self) -> AnyResponse:
        """The document that the admin loads; whoever comes by another way is led there."""
        if not request.query_string:
            return self._said("nothing", 200)
        launch = self.app.launch(request.query_string.decode("ascii", "replace"))
        if not launch.embedded:
            return redirect(self.app.admin_url(launch))
        try:
            visit = self._visit(launch)
            found = installing.visited(self.house.desk.rooms, self.platform, visit.store_key, launch.id_token)
        except NotAuthentic as refused:
            # Cured by a fresh token; and when a fresh one is refused too (a wrong secret, a wrong clock), never by another.
            if self._came_from_bounce():
                return self._said(refused.reason, 401, launch.shop)
            return self._bounce(launch)
        return self._framed(self._page("connected", found=found), visit.store_key)

    def _visit(self, launch: Launch) -> Visit:
        """Raises NotAuthentic, also when the address names another shop than the token does."""
        visit = self.app.visitor(launch.id_token, self.house.clock.now())
        if launch.shop and launch.shop != visit.store_key:
            raise NotAuthentic("other_shop")
        return visit

    def _came_from_bounce(self) -> bool:
        """Whether this very load comes from the bounce page; the same address may be loaded again much later."""
        stamp = request.args.get("bounced", "")
        return stamp.isascii() and stamp.isdigit() and 0 <= self._stamp() - int(stamp[:12]) <= BOUNCE_S

    def _stamp(self) -> int:
        return int(self.house.clock.now().timestamp())

    def _bounce(self, launch: Launch) -> AnyResponse:
        """To the page on which App Bridge fetches a token and comes back with it."""
        if not launch.shop:
            return self._said("no_shop", 400)
        kept = {"shop": launch.shop, "host": launch.host, "embedded": "1", "locale": launch.locale}
        kept = {name: value for name, value in kept.items() if value}
        target = f"{self.address}/shopify/?{urlencode({**kept, 'bounced': self._stamp()})}"
        return redirect(f"{self.address}/shopify/session-token?{urlencode({**kept, 'shopify-reload': target})}")

    def session_token(self) -> Response:
        """The bounce: App Bridge and nothing else. It leads to a page of ours only."""
        launch = self.app.launch(request.query_string.decode("ascii", "replace"))
        if not launch.shop or not is_own(request.args.get("shopify-reload", ""), self.address):
            return self._said("odd_query", 400)
        return self._framed(self._page("bounce"), launch.shop)

    # ---- for scripts --------------------------------------------------------------------------------------------------

    def connection(self) -> Response:
        """How the visitor's own store stands, as JSON, for fetches that App Bridge signs."""
        try:
            visit = self._bearer()
        except NotAuthentic as refused:
            return _json({"error": refused.reason}, 401, FRESH_TOKEN)
        found = installing.connection(self.house.desk.rooms, self.platform, visit.store_key)
        if found is None:
            return _json({"error": "not_connected"}, 403)
        notices = [{"code": notice.code, "detail": notice.detail} for notice in found.notices]
        return _json({"store": found.store.key, "name": found.store.name, "notices": notices}, 200)

    def _bearer(self) -> Visit:
        """Whoever the one Authorization header proves. A query that names another shop is refused. Raises NotAuthentic."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(_BEARER):
            raise NotAuthentic("no_token")
        visit = self.app.visitor(header[len(_BEARER) :], self.house.clock.now())
        if any(shop.lower() != visit.store_key for shop in request.args.getlist("shop")):
            raise NotAuthentic("other_shop")
        return visit

    # ---- answers ------------------------------------------------------------------------------------------------------

    def _page(self, name: str, **shown: Any) -> str:
        return render_template(f"shopify/{name}.html", app=self.app, bridge=BRIDGE, said=said, **shown)

    def _framed(self, page: str, shop: str) -> Response:
        answer = make_response(page)
        framers = " ".join(self.app.framers(shop))
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src {BRIDGE}; style-src 'self' 'unsafe-inline'; img-src 'self' {BRIDGE}; "
            f"connect-src 'self' {framers} https://monorail-edge.shopifysvc.com; frame-ancestors {framers}; "
            "form-action 'self'; base-uri 'none'"
        )
        return answer

    def _said(self, code: str, status: int, shop: str = "") -> Response:
        page = self._page("said", code=code)
        answer = self._framed(page, shop) if shop else make_response(page)
        answer.status_code = status
        return answer

    def answering(self, view: View) -> View:
        """The view, with words for what may go wrong around it."""

        def answer() -> Any:
            if request.query_string and not self.app.client_id:
                return self._said("no_app", 503)
            try:
                return view()
            except (BadValue, NotAuthentic) as odd:
                return self._said(odd.reason, 403 if isinstance(odd, NotAuthentic) else 400)
            except (AccessLost, PlatformBusy, MemoryUnavailable) as trouble:
                return self._troubled(trouble)

        return answer

    def _troubled(self, trouble: HouseError) -> Response:
        answer = self._said(trouble.reason if isinstance(trouble, AccessLost) else "busy", 503, _shop_of(self.app))
        answer.headers["Retry-After"] = str(getattr(trouble, "retry_after_s", None) or 30)
        return answer


def add_shopify(doors: Blueprint, house: House) -> View | None:
    """`/shopify/`: the app's page. `/shopify/session-token`: the bounce. `/shopify/connection`: JSON. And `shopify_consent`.

    Gives the view that also answers `/` when an admin opens it; None when there is no such platform.
    """
    platform = house.platforms.get("shopify")
    if platform is None or not isinstance(platform, Installs):
        return None
    frame = Frame(house, platform)
    home = frame.answering(frame.home)
    # Both spellings at once: a redirect to the other one would be built from the request's own Host.
    doors.add_url_rule("/shopify/", "shopify", home, strict_slashes=False)
    doors.add_url_rule("/shopify/session-token", "shopify_session_token", frame.answering(frame.session_token))
    doors.add_url_rule("/shopify/connection", "shopify_connection", frame.connection)
    add_consent(doors, house, platform, frame.answering)
    return home


def is_own(target: str, address: str) -> bool:
    """Whether a URL leads to a page of this installation: the same scheme, host and port, and nothing that browsers repair."""
    if not target.isascii() or not target.isprintable() or "\\" in target or " " in target:
        return False
    try:
        there, here = urlsplit(target), urlsplit(address)
        same = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    except ValueError:
        return False
    return same and there.path.startswith(f"{here.path}/shopify/")


def _shop_of(app: Installs) -> str:
    """The shop that the address names, for the frame of a page of trouble; empty when it names none."""
    try:
        return app.launch(request.query_string.decode("ascii", "replace")).shop
    except BadValue:
        return ""


def _json(told: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    answer = jsonify(told)
    answer.status_code = status
    answer.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})})
    return answer
