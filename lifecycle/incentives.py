"""How a recovery step's offers are written in a setting: `percent:10:COMEBACK10:from=50:for=new; free_shipping:SHIP`."""

import re
from collections.abc import Iterable
from decimal import Decimal

from lifecycle.errors import BadValue
from lifecycle.money import parse_amount
from lifecycle.stores import Audience, Incentive, Reward

RULE = (
    "must be percent:10:CODE, amount:5:CODE or free_shipping:CODE, each with :from=50 (cart total) and :for=new|returning "
    "if you like, several joined by «;», or none"
)
_CODE = re.compile(r"[^\s:;=]{1,64}")
_LARGEST_PERCENT = Decimal(100)


def incentives_read(step: int, text: str) -> tuple[Incentive, ...]:
    """The offers that this text says. Raises ValueError with the rule."""
    return tuple(_one(step, part.strip()) for part in text.split(";"))


def incentives_shown(offers: Iterable[Incentive]) -> str:
    """The text that `incentives_read()` takes; empty for none."""
    return ";".join(_shown(offer) for offer in offers)


def _amount(text: str) -> Decimal:
    try:
        amount = parse_amount(text)
    except BadValue:
        raise ValueError(RULE) from None
    if amount < 0:
        raise ValueError(RULE)
    return amount


def _one(step: int, text: str) -> Incentive:
    word, *parts = [part.strip() for part in text.split(":")]
    if word.lower() not in list(Reward):
        raise ValueError(RULE)
    reward = Reward(word.lower())
    value = None
    if reward is not Reward.FREE_SHIPPING:
        value = _amount(parts.pop(0)) if parts else Decimal(0)
        if not value or (reward is Reward.PERCENT and value > _LARGEST_PERCENT):
            raise ValueError(RULE)
    code = parts.pop(0) if parts else ""
    if not _CODE.fullmatch(code) or not code.isprintable():
        raise ValueError(RULE)
    from_total, audience = _limits(parts)
    return Incentive(step, reward, code, value, from_total, audience)


def _limits(parts: list[str]) -> tuple[Decimal, Audience]:
    """The cart total and the audience of `from=` and `for=`, each at most once."""
    given: dict[str, str] = {}
    for part in parts:
        name, found, value = part.partition("=")
        if not found or name in given or name not in {"from", "for"}:
            raise ValueError(RULE)
        given[name] = value
    audience = given.get("for", Audience.ANYBODY)
    if audience not in list(Audience):
        raise ValueError(RULE)
    return _amount(given["from"]) if "from" in given else Decimal(0), Audience(audience)


def _shown(offer: Incentive) -> str:
    parts = [str(offer.reward), *([f"{offer.value:f}"] if offer.value is not None else []), offer.code]
    if offer.from_total:
        parts.append(f"from={offer.from_total:f}")
    if offer.audience is not Audience.ANYBODY:
        parts.append(f"for={offer.audience}")
    return ":".join(parts)
