"""The house, put together: what `wsgi` builds once and hands to the doors for people."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.ports import Clock, Platform, Postman, Records, Words
from lifecycle.settings import Settings

if TYPE_CHECKING:
    from lifecycle.desk import Desk

Say = Callable[[str], None]
"""Takes one line of progress for whoever is waiting."""


@dataclass(frozen=True, slots=True)
class Knock:
    """One recorded delivery that the demo sent through the front door: what it is, and what the door answered.

    `delivery_id` is our id of what was kept; empty when nothing was (refused, or a copy of one that is kept already).
    """

    name: str
    answer: int
    store_id: str = ""
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """Every room, introduced. `migrate` gives one line; `serve(host, port)` runs web and worker and gives an exit code.

    `work()` runs the worker alone until a signal ends it, and gives an exit code; until nothing is due is `desk.work()`.
    Inside `with served():` a server of this installation is running. `demo(say)` needs one; it adds the demo stores when there are none, sends the recorded deliveries and gives them in that order.
    `rotate_keys(say)` seals everything with the first of ENCRYPTION_KEYS and gives how many rows were sealed anew, by table.
    """

    settings: Settings
    records: Records
    platforms: Mapping[str, Platform]
    postman: Postman
    words: Words
    clock: Clock
    desk: "Desk"
    migrate: Callable[[], str]
    serve: Callable[[str, int], int]
    work: Callable[[], int]
    demo: Callable[[Say], Sequence[Knock]]
    served: Callable[[], AbstractContextManager[None]]
    rotate_keys: Callable[[Say], Mapping[str, int]]
