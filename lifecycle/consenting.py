"""Consenting: whether a person in that country may be written to for marketing.

RULES is the abandoned-checkout matrix of compliance.md, as read on 2026-11-20, read strictly: a given consent everywhere.
What a law allows beyond that (an earlier purchase, in the US nothing but no objection) counts only where the merchant
attested it in the settings (`soft_opt_in`: the notice stood at the checkout, with a way to say no). A person who said no,
or has not confirmed yet, is never written to, whatever the rule.
"""

from dataclasses import dataclass
from datetime import datetime

from lifecycle.people import Consent, ConsentState


@dataclass(frozen=True, slots=True)
class Rule:
    """What a country asks for.

    `dated`: a consent needs a time or evidence, else it is hearsay (GD3). `confirmed`: it must not be a single opt-in
    (GD4). `purchase`: an earlier purchase may stand in for it, for `months` (None: without end). `silence`: no objection
    is enough. The last three need the merchant's attestation.
    """

    why: str
    dated: bool = True
    confirmed: bool = False
    purchase: bool = False
    months: int | None = None
    silence: bool = False


_EU = Rule("2002/58 Art. 13(2), C-654/23: consent, or an earlier purchase with a way to object", purchase=True)
_DOUBLE = Rule(
    "UWG § 7, TKG § 174: double opt-in, or an earlier purchase; a cart is no sale", confirmed=True, purchase=True
)
UNKNOWN = Rule("consent: the strictest where the country is not known", dated=True)

RULES: dict[str, Rule] = {
    "US": Rule("CAN-SPAM: no objection, by law; here only where the merchant says so", dated=False, silence=True),
    "CA": Rule("CASL s. 10: consent, or a purchase in the last 24 months", purchase=True, months=24),
    "DE": _DOUBLE,
    "AT": _DOUBLE,
    "GB": Rule("PECR reg. 22: consent, or an earlier purchase with a way to object", purchase=True),
    **dict.fromkeys("BE BG CY CZ DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(), _EU),  # noqa: SIM905 - a table, on one line
}

_CONFIRMED = ("confirmed", "double")
_SINGLE = ("single", "unconfirmed")


def _given(rule: Rule, consent: Consent) -> str:
    """Empty when this consent is good under the rule, else the reason why not."""
    proof = f"{consent.evidence} {consent.source} {consent.wording}".lower()
    if rule.dated and consent.at is None and not consent.evidence.strip():
        return "consent_unproven"
    if rule.confirmed and (any(word in proof for word in _SINGLE) or not any(word in proof for word in _CONFIRMED)):
        return "consent_unconfirmed"
    return ""


def _implied(rule: Rule, last_purchase_at: datetime | None, now: datetime) -> str:
    if rule.silence:
        return ""
    if not rule.purchase or last_purchase_at is None:
        return "no_consent"
    return "consent_expired" if rule.months and now >= _later(last_purchase_at, rule.months) else ""


def _later(moment: datetime, months: int) -> datetime:
    """The same day so many months later; the last of the month where there is none."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1, day=28)


_NEVER: dict[ConsentState, str] = {
    ConsentState.UNSUBSCRIBED: "unsubscribed",
    ConsentState.PENDING: "consent_pending",
}


def may_market(
    country: str,
    consent: Consent | None,
    last_purchase_at: datetime | None,
    *,
    soft_opt_in: bool,
    now: datetime,
) -> str:
    """Empty when this person may be written to for marketing, else the reason why not."""
    rule = RULES.get(country.strip().upper(), UNKNOWN)
    state = consent.state if consent is not None else ConsentState.UNKNOWN
    if state in _NEVER:
        return _NEVER[state]
    given = _given(rule, consent) if consent is not None and state is ConsentState.SUBSCRIBED else "no_consent"
    if not given or not soft_opt_in:
        return given
    implied = _implied(rule, last_purchase_at, now)
    return "" if not implied else given if given != "no_consent" else implied
