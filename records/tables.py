"""The schema as it is today. Every change here needs a migration; a test holds that both give the same tables."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator

from records.codec import clean

SCHEMA = "0002"
"""The newest migration: what a database must be at for this code."""


LONGEST_KEY = 400
"""Bytes. Identities come from headers and bodies, so nobody else bounds them."""


class Clean(TypeDecorator[str]):
    """Text that every database can keep, whatever was given: for writing and for looking up alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class Key(Clean):
    """Text that stands in an index. PostgreSQL takes entries of 2,700 bytes, so the rest of a long one becomes its digest."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        text = super().process_bind_param(value, dialect)
        return None if text is None else shortened(text)


def shortened(text: str) -> str:
    """The text itself up to LONGEST_KEY bytes; beyond, its beginning and its digest, so that two long ones stay two."""
    raw = text.encode()
    if len(raw) <= LONGEST_KEY:
        return text
    digest = hashlib.sha256(raw).hexdigest()
    return f"{raw[: LONGEST_KEY - len(digest) - 1].decode(errors='ignore')}~{digest}"


class Utc(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps it as naive UTC text of one width, so that it sorts. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _seq() -> Column[int]:
    """The order in which rows were written; on SQLite it must be spelled INTEGER to be the row id."""
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), Identity(), nullable=False)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Clean, nullable=null)


def _key(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Key, nullable=null)


def _time(name: str, *, null: bool = True) -> Column[datetime]:
    return Column(name, Utc, nullable=null)


def _of_store(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["store_id"], ["stores.id"], name=f"{table}_store")


def _live(name: str, *columns: str) -> Index:
    """An index over the few rows that somebody still has to look at, however many are settled."""
    due = sql("due_at IS NOT NULL")
    return Index(name, *columns, sqlite_where=due, postgresql_where=due)


stores = Table(
    "stores", metadata,
    _key("id"), _key("platform"), _key("key"), _key("token", null=True), _text("name"),
    _text("currency"), _text("timezone"), _text("locale"), _text("country"),
    _time("created_at"), _time("uninstalled_at"), _text("settings"), _text("secrets"),
    PrimaryKeyConstraint("id", name="stores_pk"),
    UniqueConstraint("platform", "key", name="stores_key"),
    UniqueConstraint("platform", "token", name="stores_token"),
)  # fmt: skip

# No reference to stores: a knock is kept before anybody looks at whose it is, and the door's insert stays one seek shorter.
deliveries = Table(
    "deliveries", metadata,
    _seq(), _key("id"), _key("store_id"), _key("party"), _text("store_key"), _key("topic"), _key("delivery_id"),
    _time("told_at"), _text("details"), Column("body", LargeBinary, nullable=False), _key("digest"),
    _time("received_at", null=False), _text("state"), _text("reason"),
    Column("attempts", Integer, nullable=False), _time("due_at"), Column("lane", Integer, nullable=False),
    PrimaryKeyConstraint("seq", name="deliveries_pk"),
    UniqueConstraint("id", name="deliveries_id"),
    UniqueConstraint("party", "store_id", "topic", "delivery_id", "digest", name="deliveries_identity"),
    Index("deliveries_store", "store_id", "seq"),
    _live("deliveries_due", "lane", "due_at", "seq"),
)  # fmt: skip

facts = Table(
    "facts", metadata,
    _key("store_id"), _key("fact_kind"), _key("fact_id"), _key("order_id", null=True), _key("email_hash", null=True),
    _key("cart_token", null=True), _text("body"), _time("happened_at"), _time("updated_at"),
    PrimaryKeyConstraint("store_id", "fact_kind", "fact_id", name="facts_pk"),
    _of_store("facts"),
    Index("facts_order", "store_id", "order_id", "fact_kind"),
    Index("facts_email", "store_id", "email_hash", "fact_kind", "happened_at"),
    Index("facts_cart", "store_id", "cart_token", "fact_kind"),
)  # fmt: skip

events = Table(
    "events", metadata,
    _seq(), _key("store_id"), _key("event_id"), _text("kind"), _key("fact_kind"), _key("fact_id"),
    _key("order_id", null=True), _text("revision"), _time("occurred_at", null=False), _time("heard_at", null=False),
    _key("delivery_id"), _text("note"), _text("body"), _text("before", null=True),
    PrimaryKeyConstraint("seq", name="events_pk"),
    UniqueConstraint("store_id", "event_id", name="events_id"),
    _of_store("events"),
    Index("events_store", "store_id", "seq"),
    Index("events_delivery", "store_id", "delivery_id"),
    Index("events_order", "store_id", "order_id"),
)  # fmt: skip

messages = Table(
    "messages", metadata,
    _seq(), _key("id"), _key("store_id"), _key("key"), _key("mail"), _text("purpose"), _key("event_id"),
    _text("event_kind"), _key("fact_kind"), _key("fact_id"), _time("occurred_at", null=False),
    _time("created_at", null=False), _key("order_id", null=True), _key("order_number"), _text("to_address"),
    _key("to_hash", null=True), _text("state"), _text("mode"), _time("due_at"), _time("stale_at"),
    Column("attempts", Integer, nullable=False), Column("tries", Integer, nullable=False), _time("first_try_at"),
    _text("reason"), _text("reasons"), _text("letter_to", null=True), _text("letter_subject", null=True),
    _text("letter_html", null=True), _text("letter_text", null=True), _text("letter_locale", null=True), _text("figures"),
    _text("decided_by"), _time("decided_at"), _text("approved_digest"), _time("sent_at"), _text("reference"),
    _text("before", null=True), Column("again", Integer, nullable=False), Column("edited", Boolean, nullable=False),
    _text("copy_of", null=True),
    PrimaryKeyConstraint("seq", name="messages_pk"),
    UniqueConstraint("id", name="messages_id"),
    UniqueConstraint("store_id", "key", name="messages_key"),
    _of_store("messages"),
    _live("messages_due", "due_at", "seq"),
    Index("messages_store", "store_id", "seq"),
    Index("messages_fact", "store_id", "fact_kind", "fact_id"),
    Index("messages_order", "store_id", "order_id"),
    Index("messages_number", "store_id", "order_number"),
    Index("messages_event", "store_id", "event_id"),
    Index("messages_to", "store_id", "to_hash", "sent_at"),
    Index("messages_mail", "store_id", "mail", "sent_at"),
)  # fmt: skip

# Opt-outs and consents hold no address and no reference to stores: an opt-out outlives every erasure.
suppressions = Table(
    "suppressions", metadata,
    _key("store_id"), _key("address_hash"), Column("marketing_only", Boolean, nullable=False), _text("reason"),
    _time("at", null=False),
    PrimaryKeyConstraint("store_id", "address_hash", "marketing_only", name="suppressions_pk"),
)  # fmt: skip

consents = Table(
    "consents", metadata,
    _seq(), _key("store_id"), _key("address_hash"), _text("state"), _time("at"), _text("source"), _text("wording"),
    _text("evidence"), _time("counts_at", null=False), _time("recorded_at", null=False),
    PrimaryKeyConstraint("seq", name="consents_pk"),
    Index("consents_address", "store_id", "address_hash", "counts_at"),
)  # fmt: skip

audit = Table(
    "audit", metadata,
    _seq(), _key("store_id"), _key("message_id"), _time("at", null=False), _text("actor"), _text("act"), _text("detail"),
    PrimaryKeyConstraint("seq", name="audit_pk"),
    Index("audit_message", "store_id", "message_id", "seq"),
)  # fmt: skip

counters = Table(
    "counters", metadata,
    _key("name"), _key("scope"), Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", "scope", name="counters_pk"),
)  # fmt: skip

accesses = Table(
    "accesses", metadata,
    _key("store_id"), _text("sealed"), _text("scopes"), _time("granted_at", null=False), _time("expires_at"),
    _time("renewable_until"),
    PrimaryKeyConstraint("store_id", name="accesses_pk"),
    _of_store("accesses"),
)  # fmt: skip

notices = Table(
    "notices", metadata,
    _key("store_id"), _key("code"), _time("at", null=False), _text("detail"),
    PrimaryKeyConstraint("store_id", "code", name="notices_pk"),
    _of_store("notices"),
)  # fmt: skip

chores = Table(
    "chores", metadata,
    _seq(), _key("store_id"), _key("name"), _time("due_at"), _text("mark"), _text("note"),
    Column("attempts", Integer, nullable=False), _time("done_at"),
    PrimaryKeyConstraint("seq", name="chores_pk"),
    UniqueConstraint("store_id", "name", name="chores_name"),
    _of_store("chores"),
    _live("chores_due", "due_at", "seq"),
)  # fmt: skip

# Receipts and tombstones have no reference to stores: both outlive everything that was erased.
privacy_requests = Table(
    "privacy_requests", metadata,
    _seq(), _key("store_id"), _key("id"), _text("kind"), _text("customer_id"), _text("address"), _text("order_ids"),
    _time("received_at", null=False), _time("due_at", null=False), _time("done_at"), _text("receipt"),
    PrimaryKeyConstraint("seq", name="privacy_requests_pk"),
    UniqueConstraint("store_id", "id", name="privacy_requests_id"),
)  # fmt: skip

tombstones = Table(
    "tombstones", metadata,
    _key("store_id"), _key("name_hash"), _time("at", null=False),
    PrimaryKeyConstraint("store_id", "name_hash", name="tombstones_pk"),
)  # fmt: skip
