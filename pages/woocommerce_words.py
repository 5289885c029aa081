"""What the owner of a shop reads when connecting failed: what is so, and what to do. One row a reason, whoever gave it."""

from dataclasses import dataclass

TOPICS = ("Order created", "Order updated", "Order deleted", "Order restored", "Customer updated")
"""The webhooks, as the form in wp-admin calls their topics."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is so, what to do about it, and an address that may be meant."""

    what: str
    do: str
    detail: str = ""


_BUSY = "Wait a minute and try again."
_HOST = "Ask whoever hosts the shop to let our calls to /wp-json/ through, then try again."

WORDS: dict[str, tuple[str, str]] = {
    # the address
    "not_a_site": ("This is no address of a shop.", "Write it as it stands in the browser, like https://shop.example.com."),
    "not_https": ("The address begins with http://, so orders could be read on their way.", "Give the shop a certificate and use its https:// address."),
    "http_inside": ("The shop takes itself for one without https.", "In WordPress, Settings → General, let both addresses begin with https://."),
    "odd_port": ("The address names a port of its own.", "Use the shop's usual https address; only port 443 is called."),
    "not_public": ("The address leads to a private network.", "Use the address under which customers reach the shop."),
    "name_unknown": ("There is no such name on the net.", "Look for a typing error in the address."),
    "bad_certificate": ("The shop's certificate cannot be trusted.", "Have it renewed; a browser must open the shop without a warning."),
    "redirects": ("The address sends visitors on to another one.", "Use the shop's final address, as the browser shows it after loading."),
    "not_wordpress": ("There is no WordPress at this address.", "If the shop is in a folder, add it: https://example.com/shop."),
    "no_woocommerce": ("This is a WordPress site without WooCommerce.", "Install and activate WooCommerce, or use the shop's own address."),
    "old_woocommerce": ("This WooCommerce is too old.", "Update it to 5.8 or newer."),
    "no_permalinks": ("The shop has no pretty permalinks, so its API has no address.", "In WordPress, Settings → Permalinks, choose any but «Plain» and save."),
    "rest_closed": ("A plugin or a setting closes the shop's REST API.", "Look in your security plugins for «disable REST API» and allow it."),
    "odd_answer": ("The answer of this address is none of a shop.", "Check the address; if it is right, ask whoever hosts the shop."),
    "callback_not_https": ("This installation has no https address, so the shop cannot call it.", "Its operator must set PUBLIC_URL to an https address."),
    # the way there
    "firewall": ("A firewall in front of the shop answers in its place.", _HOST),
    "not_reached": ("Nobody answers at this address.", "Check that the shop is open in a browser, then try again."),
    "timed_out": ("The shop took too long to answer.", _BUSY),
    "shop_busy": ("The shop has a fault or asks for a pause.", _BUSY),
    # the keys
    "key_revoked": ("The shop does not accept the keys that came for it.", "If it happens again, the shop's server drops the Authorization header: ask its host to pass it on."),
    "key_without_write": ("The key only reads, but we have to make webhooks.", "Try again and grant reading and writing."),
    "owner_lost_access": ("The user who granted the key is no shop manager.", "Log in to the shop as an administrator or shop manager and try again."),
    "declined": ("You chose not to grant access. Nothing was kept.", "You can try again as long as your link is good."),
    "no_keys": ("The shop sent no keys, so nothing was connected.", "It must be able to reach us over https; ask its host whether outgoing calls are blocked."),
}  # fmt: skip
_OTHER = ("The shop could not be reached as it should.", _BUSY)


def words_for(reason: str, said: str = "") -> Trouble:
    """What to say for this reason. Of what was `said` only a redirect's final address is shown."""
    what, do = WORDS.get(reason, _OTHER)
    return Trouble(what, do, said if reason == "redirects" and said.startswith("https://") else "")
