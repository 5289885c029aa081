"""Custom: how a shop of one's own tells us what happened, with everything that its programmer has to copy."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from lifecycle.errors import BadSetting, NotFound
from lifecycle.house import House
from lifecycle.opening import webhook_path
from lifecycle.ports import ShowsExamples
from lifecycle.stores import Store
from pages.letters import found
from pages.links import Links, links_of

SCHEMA_PATH = "/custom/schema.json"
CUSTOM = "custom"


def example_facts(house: House, store: Store) -> dict[str, Any]:
    """Endpoint, secret, schema and programs of this store, as JSON. Raises BadSetting where there is nothing to sign by hand."""
    platform = house.platforms.get(store.platform)
    if not isinstance(platform, ShowsExamples):
        raise BadSetting("no_example", f"Only custom shops need an example: {store.platform} sends its webhooks by itself.")
    url = house.settings.public_url + webhook_path(store)
    programs = platform.examples(store, url)
    return {
        "id": store.id,
        "webhook_url": url,
        "secret": store.secrets[0],
        "schema_url": house.settings.public_url + SCHEMA_PATH,
        "page_url": links_of(house).page("custom", [store.id], store.id),
        "examples": [{"language": one.language, "title": one.title, "text": one.text} for one in programs],
    }


def add_custom(doors: Blueprint, house: House, links: Links) -> None:
    """`/custom/schema.json`: what a body must be, for everybody. `/custom/<key>/<id>`: one store's endpoint, secret and programs."""

    def schema() -> Response:
        platform = house.platforms.get(CUSTOM)
        if not isinstance(platform, ShowsExamples):
            return Response("none", 404, content_type="text/plain; charset=utf-8")
        return Response(platform.schema(), content_type="application/schema+json")

    def how_to_tell(key: str, store_id: str) -> Response:
        if store_id not in links.stores_of(key):
            raise NotFound("no_store", "This link opens no such store.")
        with house.records.reading() as tx:
            store = tx.stores.get(store_id)
        if store is None:
            raise NotFound("no_store", "This store is not there any more.")
        try:
            facts, trouble = example_facts(house, store), ""
        except BadSetting as wrong:
            facts, trouble = {}, str(wrong)
        return make_response(render_template("custom.html", key=key, store=store, facts=facts, trouble=trouble))

    doors.add_url_rule(SCHEMA_PATH, "custom_schema", schema)
    doors.add_url_rule("/custom/<key>/<store_id>", "how_to_tell", found(how_to_tell))
