"""TOPICS: everything a custom shop may tell. The body's signed `type` says what it is; the unsigned header may only repeat it.

Lanes: 1 orders, parcels and refunds, 2 carts. A shop that sends no `webhook-topic` has everything in the row `event`.
"""

from adapters.custom import reading
from lifecycle.ports import Topic

TOPICS: dict[str, Topic] = {
    "event": Topic("event", reading.event, lane=1),
    **{name: Topic(name, reading.event, lane=2 if name.startswith("checkout.") else 1) for name in reading.TYPES},
}
