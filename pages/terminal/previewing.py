"""`preview`: a letter with invented facts, in a store's own words and language."""

from pathlib import Path

import click

from lifecycle.mails import MAILS
from lifecycle.samples import SAMPLE_ADDRESS, sample_case, sample_store
from lifecycle.telling import tell
from pages.links import links_of
from pages.terminal.speaking import Terminal, clean, json_option, pairs, store_of, terminal


@click.command()
@click.argument("mail", type=click.Choice(list(MAILS)))
@click.option("--store", default="", metavar="ID", help="As this store would send it; an invented one otherwise.")
@click.option("--locale", default="", help="In this language; the store's otherwise.")
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the designed letter there."
)
@json_option
@terminal
def preview(room: Terminal, mail: str, store: str, locale: str, html_file: Path | None) -> None:
    """Show what a letter looks like, with invented facts."""
    house = room.house
    shop = sample_store()
    if store:
        with house.records.reading() as tx:
            shop = store_of(tx, store)
    row, language = MAILS[mail], house.words.locale(locale or None, shop.locale)
    way_out = links_of(house).unsubscribe(shop.id, SAMPLE_ADDRESS) if row.is_marketing else ""
    letter = house.words.print(tell(sample_case(row, shop, language, house.clock.now(), way_out), language))
    if html_file:
        html_file.write_text(letter.html, encoding="utf-8")
    facts = {"kind": mail, "locale": letter.locale, "subject": letter.subject, "html": letter.html, "text": letter.text}
    head = {"letter": row.title, "language": letter.locale, "subject": clean(letter.subject)}
    kept = [f"The designed letter is in {html_file}."] if html_file else ["--html FILE writes the designed letter."]
    room.give(facts, [*pairs(head), "", *clean(letter.text, lines=True).splitlines(), "", *kept])
