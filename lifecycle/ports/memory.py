"""Memory: one unit of work over every table, and the whole."""

from contextlib import AbstractContextManager
from typing import Protocol

from lifecycle.ports.kept import AccessRows, ChoreRows, NoticeRows, PrivacyRows
from lifecycle.ports.rows import AuditRows, Counters, DeliveryRows, EventRows, FactRows, MessageRows, PeopleRows, StoreRows


class Transaction(Protocol):
    """One unit of work over every table: all of it is kept, or nothing."""

    @property
    def stores(self) -> StoreRows: ...
    @property
    def deliveries(self) -> DeliveryRows: ...
    @property
    def facts(self) -> FactRows: ...
    @property
    def events(self) -> EventRows: ...
    @property
    def messages(self) -> MessageRows: ...
    @property
    def people(self) -> PeopleRows: ...
    @property
    def audit(self) -> AuditRows: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def access(self) -> AccessRows: ...
    @property
    def notices(self) -> NoticeRows: ...
    @property
    def chores(self) -> ChoreRows: ...
    @property
    def privacy(self) -> PrivacyRows: ...


class Records(Protocol):
    """Memory. Every `transaction()` either commits at its end or, when its block raises, leaves nothing behind."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...
    def reading(self) -> AbstractContextManager[Transaction]:
        """For looking only: never waits for a writer."""

    def check(self) -> str:
        """One line for `doctor`; raises HouseError when the database cannot be written or its schema is another one."""

    def close(self) -> None: ...
