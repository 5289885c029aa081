"""People: the merchant's buyers, where they live, and what they agreed to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lifecycle.money import Money


class ConsentState(StrEnum):
    """Whether a person agreed to marketing mail. `unknown` is never read as yes."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    NOT_SUBSCRIBED = "not_subscribed"
    UNSUBSCRIBED = "unsubscribed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer to «may we write to you?», with when and where it was given (GDPR Art. 7(1))."""

    state: ConsentState
    at: datetime | None = None
    source: str = ""
    wording: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer as one event describes them. Every field may be missing: platforms leave out what the shop may not see.

    `email` is the address of *this* order or checkout, one valid addr-spec or None. `orders_count` and `spent` count
    before the event, when the platform says.
    """

    id: str | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    locale: str | None = None
    country: str | None = None
    consent: Consent | None = None
    orders_count: int | None = None
    spent: Money | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address, each part as the customer typed it; `country` is an ISO 3166 alpha-2 code or empty."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any(
            (
                self.street,
                self.street2,
                self.postcode,
                self.city,
                self.region,
                self.company,
                self.name,
            )
        )


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """The fact of `consent.changed`: a person's consent state at the platform, whoever changed it."""

    id: str
    email: str | None
    consent: Consent
