"""Accesses, notices and chores of connected stores; privacy requests with their receipts, and tombstones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the new tables; none of the old ones changes."""
    _connected()
    _chores()
    _privacy()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False)


def _time(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _connected() -> None:
    op.create_table(
        "accesses",
        _text("store_id"), _text("sealed"), _text("scopes"), _time("granted_at", null=False), _time("expires_at"),
        _time("renewable_until"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="accesses_store"),
        sa.PrimaryKeyConstraint("store_id", name="accesses_pk"),
    )  # fmt: skip
    op.create_table(
        "notices",
        _text("store_id"), _text("code"), _time("at", null=False), _text("detail"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="notices_store"),
        sa.PrimaryKeyConstraint("store_id", "code", name="notices_pk"),
    )  # fmt: skip


def _chores() -> None:
    op.create_table(
        "chores",
        _seq(), _text("store_id"), _text("name"), _time("due_at"), _text("mark"), _text("note"),
        sa.Column("attempts", sa.Integer(), nullable=False), _time("done_at"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="chores_store"),
        sa.PrimaryKeyConstraint("seq", name="chores_pk"),
        sa.UniqueConstraint("store_id", "name", name="chores_name"),
    )  # fmt: skip
    due = sa.text("due_at IS NOT NULL")
    op.create_index("chores_due", "chores", ["due_at", "seq"], sqlite_where=due, postgresql_where=due)


def _privacy() -> None:
    op.create_table(
        "privacy_requests",
        _seq(), _text("store_id"), _text("id"), _text("kind"), _text("customer_id"), _text("address"),
        _text("order_ids"), _time("received_at", null=False), _time("due_at", null=False), _time("done_at"),
        _text("receipt"),
        sa.PrimaryKeyConstraint("seq", name="privacy_requests_pk"),
        sa.UniqueConstraint("store_id", "id", name="privacy_requests_id"),
    )  # fmt: skip
    op.create_table(
        "tombstones",
        _text("store_id"), _text("name_hash"), _time("at", null=False),
        sa.PrimaryKeyConstraint("store_id", "name_hash", name="tombstones_pk"),
    )  # fmt: skip
