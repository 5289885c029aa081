"""Mailbox: under whose eyes letters leave once they are handed over, and where that gets in the way of what a store decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template

from lifecycle.errors import BadSetting, PostmanError
from lifecycle.house import House
from lifecycle.mailboxes import MAILBOX_WORDS, MailAccount, Mailbox, clashes, found, mailbox_of
from lifecycle.ports import HasMailboxes
from lifecycle.stores import Store
from pages.letters import found as found_page
from pages.links import Links
from pages.reading import stores_in

STARTS_AT = (
    "New mailboxes begin at gated_send. Looser modes need a code that MultiMail mails to the account's oversight address."
)
WARM_UP = "MultiMail lets a new mailbox send only a few letters a day at first (about 50) and more over 30 days; the rest wait here."
NO_EVENTS = (
    "This version takes no events from MultiMail, so no webhook is set up there: what became of a letter after it left, "
    "MultiMail's own pages show."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One store with the mailbox that its letters leave from (None: no known one) and what is wrong with the two together."""

    store: Store
    box: Mailbox | None
    wanted: str
    clashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that there is to show."""

    account: MailAccount
    mailboxes: Sequence[Mailbox]
    standings: Sequence[Standing]


def mailboxes_of(house: House) -> HasMailboxes:
    """The postman, when it has mailboxes. Raises BadSetting."""
    if not isinstance(house.postman, HasMailboxes):
        raise BadSetting(
            "no_mailboxes",
            f"POSTMAN is {house.postman.name}, which has no mailboxes: set POSTMAN=multimail and MULTIMAIL_API_KEY.",
        )
    return house.postman


def office_of(house: House, stores: Sequence[Store]) -> Office:
    """Account and mailboxes as they are now, beside these stores. Raises BadSetting or PostmanError."""
    postman = mailboxes_of(house)
    account, boxes = postman.office.account(), postman.office.mailboxes()
    return Office(account, boxes, [standing_of(store, boxes, postman.mailbox) for store in stores if store.is_active])


def standing_of(store: Store, boxes: Sequence[Mailbox], default: str) -> Standing:
    """What this store's mailbox does to its letters."""
    wanted = mailbox_of(store, default)
    box = found(boxes, wanted)
    return Standing(store, box, wanted, clashes(store, box))


def office_facts(office: Office) -> dict[str, Any]:
    """All of it as JSON."""
    account = office.account
    return {
        "account": {
            "name": account.name,
            "plan": account.plan,
            "oversight_address": account.oversight_address,
            "postal_address": account.postal_address,
            "quota": account.quota,
            "sent_this_month": account.sent_this_month,
            "most_mailboxes": account.most_mailboxes,
            "may_send": account.may_send,
            "why_not": account.why_not,
        },
        "mailboxes": [mailbox_facts(box) for box in office.mailboxes],
        "stores": [standing_facts(one) for one in office.standings],
        "modes": {str(mode): words for mode, words in MAILBOX_WORDS.items()},
    }


def mailbox_facts(box: Mailbox) -> dict[str, Any]:
    """One mailbox as JSON."""
    return {
        "id": box.id,
        "address": box.address,
        "name": box.name,
        "mode": str(box.mode) if box.mode else "",
        "mode_words": box.words,
        "active": box.is_active,
        "daily_limit": box.daily_limit,
        "daily_sent": box.daily_sent,
    }


def standing_facts(one: Standing) -> dict[str, Any]:
    """One store's mailbox as JSON."""
    return {
        "store": one.store.id,
        "name": one.store.name,
        "mailbox": one.wanted,
        "own": bool(one.store.settings.mailbox_id),
        "warnings": list(one.clashes),
    }


def add_mailbox(doors: Blueprint, house: House, links: Links) -> None:
    """`/mailbox/<key>`: the same to read, for who may read the letters. Only the mailboxes that these stores write from."""

    def its_mailboxes(key: str) -> Response:
        with house.records.reading() as tx:
            stores = stores_in(tx, links.stores_of(key))
        office, trouble = None, ""
        try:
            office = office_of(house, stores)
        except (BadSetting, PostmanError) as error:
            trouble = str(error)
        # Another merchant's mailboxes are no business of whoever has this link.
        used = list({one.box.id: one.box for one in office.standings if one.box}.values()) if office else []
        return make_response(
            render_template(
                "mailbox.html", key=key, stores=stores, office=office, mailboxes=used, trouble=trouble,
                modes=MAILBOX_WORDS, starts_at=STARTS_AT, warm_up=WARM_UP, no_events=NO_EVENTS,
            )
        )  # fmt: skip

    doors.add_url_rule("/mailbox/<key>/", "its_mailboxes", found_page(its_mailboxes))
