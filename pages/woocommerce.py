"""Connecting a WooCommerce shop: its owner gives the address, says yes on a page of the shop, and the shop posts us keys.

Who may begin is said by a link that the operator signed (`stores connect`). Nothing is kept before the keys came: the shop's
address and the one-time value travel signed in the callback's own address. The keys must open the shop that we started with.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from lifecycle.choices import store_changed
from lifecycle.errors import (
    AccessLost,
    BadSetting,
    BadValue,
    HouseError,
    MemoryUnavailable,
    NotAShop,
    NotAuthentic,
    NotFound,
    PlatformBusy,
    Unreadable,
)
from lifecycle.house import House
from lifecycle.leaving import arrived
from lifecycle.opening import opened, webhook_path
from lifecycle.ports import Access, ConnectsByKeys, Grant, Platform, Site, Transaction
from lifecycle.stores import Store
from pages.letters import found
from pages.links import Links, links_of
from pages.woocommerce_words import TOPICS, words_for

NAME = "woocommerce"
LINK_S, FORM_S, ONCE_S, BACK_S = 3600, 3600, 15 * 60, 2 * 3600
LARGEST_CALLBACK = 16 * 1024

# What a link or a form field is signed for; none of them opens what another does.
_LINK, _FORM, _ONCE, _BACK = (f"{NAME} {purpose}" for purpose in ("connect", "form", "callback", "connected"))
# Counters by the digest of the one-time value: that it was used, or why its keys were thrown away.
_USED, _REFUSED = "connect_used", "connect_refused_"


def connect_link(house: House, name: str) -> str:
    """The address of the page on which a shop of this platform can be connected, for an hour. Raises BadSetting."""
    if name != NAME or not isinstance(house.platforms.get(name), ConnectsByKeys):
        raise BadSetting("bad_setting", f"--platform must be {NAME}: the others are connected in other ways.")
    key = links_of(house).signed(_LINK, {"platform": name, "of": secrets.token_hex(8)})
    return f"{house.settings.public_url}/{NAME}/connect?key={key}"


def by_hand_link(house: House, store_id: str) -> str:
    """The address of the page that shows what to paste into this store's admin, for seven days."""
    return links_of(house).page(f"{NAME}/by-hand", [store_id]).rstrip("/")


def add_woocommerce(doors: Blueprint, house: House, links: Links) -> None:
    """`/woocommerce/connect`, `…/callback/<once>`, `…/connected` and `…/by-hand/<key>`; nothing without the platform."""
    platform = house.platforms.get(NAME)
    if platform is None or not isinstance(platform, ConnectsByKeys):
        return
    pages = _Connecting(house, links, platform, platform)
    doors.add_url_rule(f"/{NAME}/connect", "woo_connect", _linked(pages.ask), methods=["GET"])
    doors.add_url_rule(f"/{NAME}/connect", "woo_check", _linked(pages.check), methods=["POST"])
    doors.add_url_rule(f"/{NAME}/callback/<once>", "woo_callback", pages.receive, methods=["POST"])
    doors.add_url_rule(f"/{NAME}/connected", "woo_connected", _linked(pages.come_back), methods=["GET"])
    doors.add_url_rule(f"/{NAME}/by-hand/<key>", "woo_by_hand", found(pages.by_hand), methods=["GET"])


@dataclass(frozen=True, slots=True)
class _Connecting:
    """The pages of one house; `shops` and `platform` are the same object, as what it can do and as what it is."""

    house: House
    links: Links
    shops: ConnectsByKeys
    platform: Platform

    # ---- the address --------------------------------------------------------------------------------------------------

    def ask(self) -> Response:
        """The form. Raises NotFound without a signed link."""
        key = request.args.get("key", "")
        self.links.said(_LINK, key, LINK_S)
        return self._form(key)

    def check(self) -> Response:
        """Look at the address and offer the way to the shop's own page, which opens by a link: a redirected form may not leave us.

        Of the form only the address is read. Raises NotFound for a form that we did not make for this link.
        """
        key, address = request.form.get("key", ""), request.form.get("address", "")[:500]
        self.links.said(_LINK, key, LINK_S)
        if self.links.said(_FORM, request.form.get("form", ""), FORM_S).get("key") != _digest(key):
            raise NotFound("wrong_link", "This form is wrong or too old.")
        try:
            site = self.shops.check_address(address)
            url = self._grant_url(site, key)
        except (NotAShop, PlatformBusy) as refused:
            return self._form(key, address, refused)
        return make_response(render_template("woocommerce/grant.html", site=site, url=url, key=key))

    def _grant_url(self, site: Site, key: str) -> str:
        value = secrets.token_urlsafe(16)  # 128 bit
        once = self.links.signed(_ONCE, {"key": site.key, "once": value})
        back = self.links.signed(_BACK, {"key": site.key, "once": _digest(value), "link": key})
        public = self.house.settings.public_url
        return self.shops.grant_url(
            site.key,
            value,
            callback_url=f"{public}/{NAME}/callback/{once}",
            return_url=f"{public}/{NAME}/connected?back={back}",
        )

    def _form(self, key: str, address: str = "", refused: HouseError | None = None) -> Response:
        form = self.links.signed(_FORM, {"key": _digest(key)})
        trouble = words_for(refused.reason, str(refused)) if refused else None
        page = render_template("woocommerce/connect.html", key=key, form=form, address=address, trouble=trouble)
        return make_response(page, 422 if refused else 200)

    # ---- the keys -----------------------------------------------------------------------------------------------------

    def receive(self, once: str) -> Response:
        """The shop's own post, server to server: 200 when its keys were tried, else an error, and the shop drops the keys.

        200 also for keys that were thrown away: only then does the shop send its owner back to us, who reads there why.
        """
        return Response(
            status=self._tried(once), content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
        )

    def _tried(self, once: str) -> int:
        body = request.stream.read(LARGEST_CALLBACK + 1)
        if len(body) > LARGEST_CALLBACK:
            return 413
        try:
            said = self.links.said(_ONCE, once, ONCE_S)
            return self._accepted(said["key"], said["once"], body)
        except NotFound:
            return 410
        except (Unreadable, NotAuthentic):
            return 400
        except MemoryUnavailable:
            return 503

    def _accepted(self, key: str, value: str, body: bytes) -> int:
        """Try the keys and keep them, or why they were thrown away. Raises NotFound for a value that was used."""
        digest = _digest(value)
        with self.house.records.reading() as tx:
            if (_USED, digest) in tx.counters.all():
                raise NotFound("used")
        try:
            self._keep(key, digest, self.shops.accept(key, value, body))
        except (AccessLost, PlatformBusy, NotAShop) as refused:
            with self.house.records.transaction() as tx:
                tx.counters.bump(_REFUSED + refused.reason, digest)
        return 200

    def _keep(self, key: str, digest: str, grant: Grant) -> None:
        """Keys, store and chores in one transaction. Raises NotFound when this one-time value was used meanwhile."""
        now = self.house.clock.now()
        fresh = self._new_store(key, grant)
        with self.house.records.transaction() as tx:
            # Counted first: of two posts with one value at the same time, the second waits here and then finds two.
            tx.counters.bump(_USED, digest)
            store = tx.stores.by_key(NAME, key)
            if store is None:
                store = _added(tx, fresh)
            if tx.counters.all()[_USED, digest] > 1:
                raise NotFound("used")
            access = Access(store.id, dict(grant.keys), granted_at=now, scopes=grant.scopes)
            arrived(tx, self.house.desk.rooms, store, access, now)

    def _new_store(self, key: str, grant: Grant) -> Store:
        store = opened(self.platform, key, {}, self.house.clock.now())
        for name, value in grant.facts.items():
            try:
                store = store_changed(store, name, value)
            except (BadSetting, BadValue):
                continue  # what a shop says of itself may be nothing that we can write
        return store

    # ---- afterwards ---------------------------------------------------------------------------------------------------

    def come_back(self) -> Response:
        """Where the shop sends its owner. What the address says proves nothing: what is shown is what was kept."""
        said = self.links.said(_BACK, request.args.get("back", ""), BACK_S)
        digest = said["once"]
        with self.house.records.reading() as tx:
            counts = tx.counters.all()
            store = tx.stores.by_key(NAME, said["key"]) if (_USED, digest) in counts else None
        if store is not None:
            return make_response(render_template("woocommerce/connected.html", store=store, topics=TOPICS))
        reasons = [name.removeprefix(_REFUSED) for name, scope in counts if scope == digest and name.startswith(_REFUSED)]
        declined = "declined" if request.args.get("success") == "0" else "no_keys"
        again = url_for("pages.woo_connect", key=said["link"])
        trouble = words_for(reasons[-1] if reasons else declined)
        return make_response(render_template("woocommerce/refused.html", trouble=trouble, again=again, left=bool(reasons)))

    def by_hand(self, key: str) -> Response:
        """Delivery URL and secret of the key's shops, to be pasted. The one page that shows a secret. Raises NotFound."""
        with self.house.records.reading() as tx:
            stores = [store for store in map(tx.stores.get, self.links.stores_of(key)) if store and store.platform == NAME]
        if not stores:
            raise NotFound("no_store", "This link opens no WooCommerce shop.")
        public = self.house.settings.public_url
        shown = [(store, public + webhook_path(store), next(iter(store.secrets), "")) for store in stores]
        return make_response(render_template("woocommerce/by_hand.html", key=key, shown=shown, topics=TOPICS))


def _added(tx: Transaction, store: Store) -> Store:
    try:
        tx.stores.add(store)
    except BadValue:  # another post added it a moment ago
        raise NotFound("used") from None
    return store


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _linked(view: Callable[[], Response]) -> Callable[[], Response]:
    """The view, answering 404 with a page that says where a fresh link comes from."""

    def answer(**_: Any) -> Response:
        try:
            return view()
        except NotFound:
            return make_response(render_template("woocommerce/no_link.html"), 404)

    return answer
