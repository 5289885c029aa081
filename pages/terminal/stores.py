"""`stores`: add one, list them, see and change what its merchant decided."""

from typing import Any

import click

from lifecycle.choices import STORE_FIELDS, listed, store_changed
from lifecycle.errors import BadSetting, BadValue
from lifecycle.opening import opened, webhook_path
from lifecycle.stores import Store
from pages.terminal.speaking import Terminal, clean, json_option, pairs, store_of, table, terminal

_OPTIONS = ("name", "currency", "timezone", "locale", "country", "team_address", "postal_address")


def facts_of(store: Store) -> dict[str, Any]:
    """One store as JSON, without its secrets."""
    return {
        "id": store.id,
        "platform": store.platform,
        "key": store.key,
        "webhook_path": webhook_path(store),
        "token": store.token,
        "active": store.is_active,
        **{name: getattr(store, name) for name in STORE_FIELDS},
    }


@click.group
def stores() -> None:
    """The shops that this installation writes for."""


@stores.command("add")
@click.option("--platform", required=True, metavar="NAME", help="shopify, woocommerce or custom.")
@click.option("--key", required=True, metavar="SHOP", help="The shop domain (Shopify) or the shop's URL.")
@click.option("--secret", default="", help="What its webhooks are signed with; made for you when it is needed.")
@click.option("--name", default="", help="The shop's name, as customers know it.")
@click.option("--currency", default="", help="The shop's own currency, like EUR.")
@click.option("--timezone", default="", help="Like Europe/Berlin.")
@click.option("--locale", default="", help="The shop's language, like de.")
@click.option("--country", default="", help="Like DE.")
@click.option("--team-address", default="", help="Who gets the copies of monitored letters.")
@click.option("--postal-address", default="", help="The shop's postal address; marketing needs one.")
@json_option
@terminal
def add(room: Terminal, /, platform: str, key: str, secret: str, **given: str) -> None:
    """Add a store; prints its id, its webhook path and, this once, a secret that was made."""
    house = room.house
    found = house.platforms.get(platform)
    if found is None:
        raise BadSetting("no_platform", f"--platform must be one of {', '.join(sorted(house.platforms))}.")
    chosen = {name: given[name] for name in _OPTIONS if given[name]}
    store = opened(found, key, chosen, house.clock.now(), secret)
    try:
        with house.records.transaction() as tx:
            tx.stores.add(store)
    except BadValue:
        raise BadSetting(
            "store_exists", f"A {platform} store with this key is there already: `stores list` shows it."
        ) from None
    facts = facts_of(store) | {"webhook_url": house.settings.public_url + webhook_path(store)}
    shown = {
        "id": store.id,
        "webhook path": facts["webhook_path"],
        "webhook URL": facts["webhook_url"],
        "token": store.token,
    }
    if store.secrets and not secret:
        facts["secret"] = store.secrets[0]
        shown["secret"] = f"{store.secrets[0]}   (shown this once)"
    room.give(facts, [f"Added {clean(store.name)}.", *pairs(shown)])


@stores.command("list")
@json_option
@terminal
def list_stores(room: Terminal) -> None:
    """List the stores."""
    with room.house.records.reading() as tx:
        found = tx.stores.all()
    rows = [
        (
            store.id,
            store.platform,
            clean(store.name),
            clean(store.key),
            f"{store.currency} {store.locale} {store.timezone}",
            "paused" if store.settings.paused else "active" if store.is_active else "left",
        )
        for store in found
    ]
    lines = table(("id", "platform", "name", "key", "speaks", "state"), rows, bends=(2, 3, 4))
    room.give(
        [facts_of(store) for store in found], lines or ["No stores yet. `multimail-commerce stores add --help` says how."]
    )


@stores.command("show")
@click.argument("store_id", metavar="ID")
@json_option
@terminal
def show(room: Terminal, store_id: str) -> None:
    """Show a store with every setting, as `stores set` takes it."""
    with room.house.records.reading() as tx:
        store = store_of(tx, store_id)
    facts = facts_of(store)
    settings = listed(store.settings)
    room.give(
        facts | {"settings": settings}, pairs({name: clean(str(value)) for name, value in (facts | settings).items()})
    )


@stores.command("set")
@click.argument("store_id", metavar="ID")
@click.argument("settings", metavar="SETTING=VALUE", nargs=-1, required=True)
@json_option
@terminal
def set_settings(room: Terminal, store_id: str, settings: tuple[str, ...]) -> None:
    """Change settings of a store; `stores show ID` lists them. All of them are changed, or none."""
    wished = [pair.partition("=") for pair in settings]
    if not all(found for _, found, _ in wished):
        raise BadSetting("bad_setting", "Write each as SETTING=VALUE, like mode.refund_notice=gated_send.")
    with room.house.records.transaction() as tx:
        store = store_of(tx, store_id)
        for name, _, value in wished:
            store = store_changed(store, name.strip(), value)
        tx.stores.save(store)
    facts = facts_of(store) | listed(store.settings)
    now = {name.strip(): str(facts.get(name.strip(), "")) for name, _, _ in wished}
    room.give(
        {"id": store.id, "settings": listed(store.settings)}, [f"{name} = {clean(value)}" for name, value in now.items()]
    )
