"""Stores: one merchant's shop on one platform, and what its merchant decided."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lifecycle.oversight import Mode


class Reward(StrEnum):
    """What an incentive gives. The code and its rule are the merchant's own; nothing is invented here."""

    FREE_SHIPPING = "free_shipping"
    PERCENT = "percent"
    AMOUNT = "amount"


class Audience(StrEnum):
    """Whom an incentive is for, by orders before this cart."""

    ANYBODY = "anybody"
    NEW = "new"
    RETURNING = "returning"


@dataclass(frozen=True, slots=True)
class Incentive:
    """What recovery step `step` offers from a cart total of `from_total` on, in the store's currency. `value`: percent or amount."""

    step: int
    reward: Reward
    code: str = ""
    value: Decimal | None = None
    from_total: Decimal = Decimal(0)
    audience: Audience = Audience.ANYBODY


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Everything a merchant decides. Defaults are what a careful shop would want on its first day."""

    modes: dict[str, Mode] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    team_address: str = ""
    postal_address: str = ""
    mail_test_orders: bool = False
    large_order: Decimal | None = None
    recovery_waits_h: tuple[int, int, int] = (2, 24, 72)
    change_wait_min: int = 10
    incentives: tuple[Incentive, ...] = ()
    soft_opt_in: bool = False
    quiet_from: int = 21
    quiet_to: int = 8
    cap_hours: int = 16
    cap_week: int = 3
    paused: bool = False
    mailbox_id: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """One shop. `key` is how its platform names it (shop domain, site URL); `token` names it in our webhook path.

    `secrets` sign its webhooks, newest first; they never appear in a repr.
    """

    id: str
    platform: str
    key: str
    token: str
    name: str
    currency: str = "USD"
    timezone: str = "UTC"
    locale: str = "en"
    country: str = ""
    created_at: datetime | None = None
    uninstalled_at: datetime | None = None
    settings: StoreSettings = field(default_factory=StoreSettings)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_active(self) -> bool:
        return self.uninstalled_at is None

    @property
    def host(self) -> str:
        """The host of the shop, from its key."""
        bare = self.key.split("://", 1)[-1]
        return bare.split("/", 1)[0].split("@")[-1].split(":", 1)[0].lower()

    def wait_of(self, mail: str, wait: timedelta, step: int) -> timedelta:
        """How long this letter waits here: the store's recovery steps and change debounce, else the row's."""
        if step:
            return timedelta(hours=self.settings.recovery_waits_h[step - 1])
        return timedelta(minutes=self.settings.change_wait_min) if mail == "order_change" else wait

    def with_settings(self, settings: StoreSettings) -> "Store":
        return replace(self, settings=settings)
