"""The authorization-code grant, for a store that is not connected from inside the admin: ask the merchant, take the answer once.

No page here asks for a shop's name: the link names it, and it leads to Shopify's own question only. The one cookie of this
app lives for ten minutes between the two.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant, as read on 2026-11-20
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from lifecycle import installing
from lifecycle.errors import NotAuthentic
from lifecycle.house import House
from lifecycle.ports import Installs, Launch, Platform

LIFE = timedelta(minutes=10)
_LONGEST = 1000


def add_consent(
    doors: Blueprint, house: House, platform: Platform, answering: Callable[[Callable[[], Any]], Callable[[], Any]]
) -> None:
    """`/shopify/install?shop=…`: to Shopify's question. `/shopify/callback`: the answer."""
    assert isinstance(platform, Installs)
    address, now = house.settings.public_url, house.clock.now
    is_secure = address.startswith("https://")
    # Browsers take a `__Host-` cookie only over https, for this very host and from nobody else.
    cookie = "__Host-shopify-state" if is_secure else "shopify-state"
    seal = URLSafeSerializer(house.settings.secret_key, salt="shopify state")

    def install() -> Response:
        shop = platform.asking(request.query_string.decode("ascii", "replace"), now())
        state = secrets.token_hex(16)
        answer = redirect(platform.consent_url(shop, state, f"{address}/shopify/callback"))
        kept = seal.dumps({"state": state, "shop": shop, "until": int((now() + LIFE).timestamp())})
        assert isinstance(kept, str)
        answer.set_cookie(cookie, kept, max_age=LIFE, secure=is_secure, httponly=True, samesite="Lax", path="/")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def callback() -> Response:
        told = platform.consented(request.query_string.decode("ascii", "replace"), now())
        _check_state(told.store_key, told.state)
        installing.consented(house.desk.rooms, platform, told.store_key, told.code)
        answer = redirect(platform.admin_url(Launch(shop=told.store_key)))
        return _forgetful(answer)

    def _check_state(shop: str, state: str) -> None:
        """Raises NotAuthentic(`wrong_state`) unless this very browser asked for this very shop a moment ago."""
        try:
            kept = seal.loads(request.cookies.get(cookie, "")[:_LONGEST])
        except BadData:
            kept = {}
        fits = hmac.compare_digest(str(kept.get("state", "")).encode(), state.encode("utf-8", "replace"))
        if not fits or not state or kept.get("shop") != shop or now().timestamp() > kept.get("until", 0):
            raise NotAuthentic("wrong_state")

    def _forgetful(answer: Response) -> Response:
        answer.delete_cookie(cookie, secure=is_secure, httponly=True, samesite="Lax", path="/")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def once() -> Any:
        """The callback; whatever it comes to, the state is used up."""
        return _forgetful(answering(callback)())

    doors.add_url_rule("/shopify/install", "shopify_install", answering(install))
    doors.add_url_rule("/shopify/callback", "shopify_callback", once)
