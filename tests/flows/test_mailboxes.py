"""From which mailbox a store's letters leave."""

from tests.flows.facts import order, placed


def test_letter_carries_its_stores_own_mailbox_or_none(house):
    own, other = house.store("custom", mailbox_id="01JMXOWN"), house.store("woocommerce")

    for store in (own, other):
        house.tell(store, placed(order()))
    house.work()

    assert {posting.store_id: posting.mailbox for posting in house.postman.posted} == {own.id: "01JMXOWN", other.id: ""}
