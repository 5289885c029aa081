"""The whole schema, as the first release has it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _stores()
    _deliveries()
    _heard()
    _messages()
    _people()
    _counts()


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _live(name: str, table: str, columns: list[str]) -> None:
    due = sa.text("due_at IS NOT NULL")
    op.create_index(name, table, columns, sqlite_where=due, postgresql_where=due)


def _stores() -> None:
    op.create_table(
        "stores",
        _text("id"), _text("platform"), _text("key"), _text("token", null=True), _text("name"),
        _text("currency"), _text("timezone"), _text("locale"), _text("country"), _time("created_at"),
        _time("uninstalled_at"), _text("settings"), _text("secrets"),
        sa.PrimaryKeyConstraint("id", name="stores_pk"),
        sa.UniqueConstraint("platform", "key", name="stores_key"),
        sa.UniqueConstraint("platform", "token", name="stores_token"),
    )  # fmt: skip


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _seq(), _text("id"), _text("store_id"), _text("party"), _text("store_key"), _text("topic"),
        _text("delivery_id"), _time("told_at"), _text("details"),
        sa.Column("body", sa.LargeBinary(), nullable=False), _text("digest"), _time("received_at", null=False),
        _text("state"), _text("reason"), _int("attempts"), _time("due_at"), _int("lane"),
        sa.PrimaryKeyConstraint("seq", name="deliveries_pk"),
        sa.UniqueConstraint("id", name="deliveries_id"),
        sa.UniqueConstraint("party", "store_id", "topic", "delivery_id", "digest", name="deliveries_identity"),
    )  # fmt: skip
    _live("deliveries_due", "deliveries", ["lane", "due_at", "seq"])
    op.create_index("deliveries_store", "deliveries", ["store_id", "seq"])


def _heard() -> None:
    op.create_table(
        "facts",
        _text("store_id"), _text("fact_kind"), _text("fact_id"), _text("order_id", null=True),
        _text("email_hash", null=True), _text("cart_token", null=True), _text("body"), _time("happened_at"),
        _time("updated_at"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="facts_store"),
        sa.PrimaryKeyConstraint("store_id", "fact_kind", "fact_id", name="facts_pk"),
    )  # fmt: skip
    op.create_index("facts_cart", "facts", ["store_id", "cart_token", "fact_kind"])
    op.create_index("facts_email", "facts", ["store_id", "email_hash", "fact_kind", "happened_at"])
    op.create_index("facts_order", "facts", ["store_id", "order_id", "fact_kind"])
    op.create_table(
        "events",
        _seq(), _text("store_id"), _text("event_id"), _text("kind"), _text("fact_kind"), _text("fact_id"),
        _text("order_id", null=True), _text("revision"), _time("occurred_at", null=False),
        _time("heard_at", null=False), _text("delivery_id"), _text("note"), _text("body"),
        _text("before", null=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="events_store"),
        sa.PrimaryKeyConstraint("seq", name="events_pk"),
        sa.UniqueConstraint("store_id", "event_id", name="events_id"),
    )  # fmt: skip
    op.create_index("events_delivery", "events", ["store_id", "delivery_id"])
    op.create_index("events_order", "events", ["store_id", "order_id"])
    op.create_index("events_store", "events", ["store_id", "seq"])


def _messages() -> None:
    op.create_table(
        "messages",
        _seq(), _text("id"), _text("store_id"), _text("key"), _text("mail"), _text("purpose"),
        _text("event_id"), _text("event_kind"), _text("fact_kind"), _text("fact_id"),
        _time("occurred_at", null=False), _time("created_at", null=False), _text("order_id", null=True),
        _text("order_number"), _text("to_address"), _text("to_hash", null=True), _text("state"), _text("mode"),
        _time("due_at"), _time("stale_at"), _int("attempts"), _int("tries"), _time("first_try_at"),
        _text("reason"), _text("reasons"), _text("letter_to", null=True), _text("letter_subject", null=True),
        _text("letter_html", null=True), _text("letter_text", null=True), _text("letter_locale", null=True),
        _text("figures"), _text("decided_by"), _time("decided_at"), _text("approved_digest"), _time("sent_at"),
        _text("reference"), _text("before", null=True), _int("again"),
        sa.Column("edited", sa.Boolean(), nullable=False), _text("copy_of", null=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="messages_store"),
        sa.PrimaryKeyConstraint("seq", name="messages_pk"),
        sa.UniqueConstraint("id", name="messages_id"),
        sa.UniqueConstraint("store_id", "key", name="messages_key"),
    )  # fmt: skip
    _live("messages_due", "messages", ["due_at", "seq"])
    op.create_index("messages_event", "messages", ["store_id", "event_id"])
    op.create_index("messages_fact", "messages", ["store_id", "fact_kind", "fact_id"])
    op.create_index("messages_mail", "messages", ["store_id", "mail", "sent_at"])
    op.create_index("messages_number", "messages", ["store_id", "order_number"])
    op.create_index("messages_order", "messages", ["store_id", "order_id"])
    op.create_index("messages_store", "messages", ["store_id", "seq"])
    op.create_index("messages_to", "messages", ["store_id", "to_hash", "sent_at"])


def _people() -> None:
    op.create_table(
        "suppressions",
        _text("store_id"), _text("address_hash"), sa.Column("marketing_only", sa.Boolean(), nullable=False),
        _text("reason"), _time("at", null=False),
        sa.PrimaryKeyConstraint("store_id", "address_hash", "marketing_only", name="suppressions_pk"),
    )  # fmt: skip
    op.create_table(
        "consents",
        _seq(), _text("store_id"), _text("address_hash"), _text("state"), _time("at"), _text("source"),
        _text("wording"), _text("evidence"), _time("counts_at", null=False), _time("recorded_at", null=False),
        sa.PrimaryKeyConstraint("seq", name="consents_pk"),
    )  # fmt: skip
    op.create_index("consents_address", "consents", ["store_id", "address_hash", "counts_at"])


def _counts() -> None:
    op.create_table(
        "audit",
        _seq(), _text("store_id"), _text("message_id"), _time("at", null=False), _text("actor"), _text("act"),
        _text("detail"),
        sa.PrimaryKeyConstraint("seq", name="audit_pk"),
    )  # fmt: skip
    op.create_index("audit_message", "audit", ["store_id", "message_id", "seq"])
    op.create_table(
        "counters",
        _text("name"), _text("scope"), sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "scope", name="counters_pk"),
    )  # fmt: skip
