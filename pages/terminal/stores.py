"""`stores`: add one, list them, see and change what its merchant decided."""

from typing import Any

import click

from lifecycle.choices import STORE_FIELDS, listed, store_changed
from lifecycle.errors import BadSetting, BadValue
from lifecycle.opening import opened, webhook_path
from lifecycle.ports import ConnectsByKeys, ShowsExamples
from lifecycle.stores import Store
from pages.custom import example_facts
from pages.terminal.connections import connection_lines, connection_of
from pages.terminal.speaking import Terminal, clean, json_option, pairs, store_of, table, terminal
from pages.woocommerce import by_hand_link, connect_link

_OPTIONS = ("name", "currency", "timezone", "locale", "country", "team_address", "postal_address", "mailbox_id")


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
@click.option("--mailbox-id", default="", help="The MultiMail mailbox that its letters leave from; `mailbox` lists them.")
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
        again = isinstance(found, ShowsExamples)
        shown["secret"] = store.secrets[0] if again else f"{store.secrets[0]}   (shown this once)"
    next_step: list[str] = []
    if isinstance(found, ShowsExamples):
        facts["example"] = f"multimail-commerce stores example {store.id}"
        next_step = ["", f"How to sign and what to send, ready to run: {facts['example']}"]
    if isinstance(found, ConnectsByKeys):
        facts["by_hand"] = by_hand_link(house, store.id)
        next_step = ["", "Where the shop's owner pastes both, step by step:", facts["by_hand"]]
    if not store.settings.sender_address and "." not in store.host:
        next_step += [
            "",
            f"Its letters need a sender: multimail-commerce stores set {store.id} sender_address=orders@your-shop.com",
        ]
    room.give(facts, [f"Added {clean(store.name)}.", *pairs(shown), *next_step])


@stores.command("connect")
@click.option("--platform", required=True, metavar="NAME", help="woocommerce: the shop itself hands out its keys.")
@json_option
@terminal
def connect(room: Terminal, platform: str) -> None:
    """Print the address of the page on which a shop's owner connects it, for one hour."""
    url = connect_link(room.house, platform)
    room.give(
        {"url": url}, [url, "Open it within the hour, or send it to the shop's owner: who has it can connect a shop."]
    )


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
        stands = connection_of(tx, store)
    facts = facts_of(store)
    settings = listed(store.settings)
    lines = pairs({name: clean(str(value)) for name, value in (facts | settings).items()})
    room.give(facts | {"settings": settings, "connection": stands}, [*lines, *connection_lines(stands)])


@stores.command("example")
@click.argument("store_id", metavar="ID")
@click.option("--script", default="", metavar="LANGUAGE", help="Only this program (bash or python3), to be saved or piped.")
@json_option
@terminal
def example(room: Terminal, store_id: str, script: str) -> None:
    """Show a custom shop how to tell us: endpoint, secret, schema, and programs that run as they stand."""
    with room.house.records.reading() as tx:
        store = store_of(tx, store_id)
    facts = example_facts(room.house, store)
    if script:
        texts = {one["language"]: one["text"] for one in facts["examples"]}
        if script not in texts:
            raise BadSetting("no_script", f"--script must be one of {', '.join(texts)}.")
        room.give({"script": texts[script]}, [texts[script].rstrip("\n")])
        return
    shown = {
        "endpoint": facts["webhook_url"],
        "secret": facts["secret"],
        "": "It signs for the shop: whoever has it can write to its customers. It is shown only here.",
        "schema": facts["schema_url"],
        "page": f"{facts['page_url']}   (opens for seven days, shows the secret too)",
    }
    programs = [
        line
        for one in facts["examples"]
        for line in ("", click.style(f"── {one['title']} ", bold=True), *one["text"].rstrip("\n").split("\n"))
    ]
    room.give(facts, [*pairs(shown), *programs])


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
