"""WooCommerce's samples: every recorded delivery that was signed, as it was signed. The pings have no topic and no signature."""

from collections.abc import Iterator

from tests.adapters.woocommerce.recordings import recordings
from tests.contract.samples import Sample


def samples() -> Iterator[Sample]:
    for recording in recordings().values():
        if recording.verifies:
            topic = recording.raw.header("x-wc-webhook-topic")
            yield Sample(
                "woocommerce", recording.name, topic, recording.raw, (recording.secret, b"older"), "x-wc-webhook-signature"
            )
