"""GUARDS: checks that may send, delay, stop or raise a letter, each with a reason that a merchant can read.

They run at planning and again at the moment of sending, in the transaction that marks the message. The checks themselves
stand in `checks/`, one file a topic; this file says which run when, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lifecycle.cases import Answer, Case, Send, Stage, Stop, Wait
from lifecycle.checks import facts, marketing, words
from lifecycle.oversight import Mode, Raised


@dataclass(frozen=True, slots=True)
class Guard:
    """One row of GUARDS: what it is called, when it runs, what it answers, and the law or reason behind it.

    `copies`: it also holds for the team's copy of a letter; the others were answered for the letter itself.
    """

    name: str
    stages: frozenset[Stage]
    check: Callable[[Case], Answer]
    why: str
    marketing_only: bool = False
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all guards of a stage say together. A stop ends the letter, a wait delays it, raises make it stricter."""

    stop: Stop | None = None
    wait: Wait | None = None
    raises: tuple[Raised, ...] = ()


_EARLY = frozenset({Stage.PLAN, Stage.FACTS})
_SENDING = frozenset({Stage.FACTS})
_WORDS = frozenset({Stage.WORDS})

GUARDS: tuple[Guard, ...] = (
    Guard("store_active", _EARLY, facts.store_active, "a shop that left sends nothing (SH3)", copies=True),
    Guard("not_switched_off", _EARLY, facts.not_switched_off, "the merchant switched this letter off"),
    Guard("not_stale", _SENDING, facts.not_stale, "late news confuse more than they help (F52)"),
    Guard("order_known", _EARLY, facts.order_known, "a parcel or refund may be heard of before its order"),
    Guard("has_address", _EARLY, facts.has_address, "exactly one usable address, or no letter (F39)", copies=True),
    Guard("not_a_test", _EARLY, facts.not_a_test, "test orders reach nobody unless the store says so (F53)"),
    Guard("reachable", _EARLY, facts.reachable, "the postman refuses invented and reserved addresses", copies=True),
    Guard("not_suppressed", _EARLY, facts.not_suppressed, "bounced, complained (MB6); marketing: opted out (CS3, GD12)"),
    Guard("checkout_open", _EARLY, facts.checkout_open, "nobody is reminded of what was bought or is gone (asks 1-10)"),
    Guard("not_bought_since", _EARLY, facts.not_bought_since, "bought on another device is bought (asks 6)"),
    Guard("worth_a_letter", _EARLY, marketing.worth_a_letter, "an empty or free cart, or no way back to it", marketing_only=True),
    Guard("consented", _EARLY, marketing.consented, "GDPR Art. 7, 2002/58 Art. 13, CASL s. 10 (matrix)", marketing_only=True),
    Guard("postal_address", _EARLY, marketing.has_postal_address, "16 CFR 316.2(p) (CS1)", marketing_only=True),
    Guard("has_sender", _SENDING, facts.has_sender, "a letter names who sends it (CS5)"),
    Guard("not_paused", _SENDING, facts.not_paused, "the merchant stopped all letters for now"),
    Guard("under_cap", _SENDING, marketing.under_cap, "one in 16 h, three in 7 days; later, not never (asks §4)",
          marketing_only=True),
    Guard("waking_hours", _SENDING, marketing.waking_hours, "no advertising at night, where the person is", marketing_only=True),
    Guard("no_card_number", _WORDS, words.no_card_number, "PCI DSS 4.0.1, 4.2.2: nobody may override it (PC1)", copies=True),
    Guard("address_printed", _WORDS, marketing.prints_postal_address, "CAN-SPAM 7704(a)(5) (CS1)", marketing_only=True),
    Guard("has_way_out", _WORDS, marketing.has_way_out, "as easy to withdraw as to give: Art. 7(3) (CS2)", marketing_only=True),
    Guard("nothing_unfilled", _WORDS, words.nothing_unfilled, "«Hello {{ name }}» is worse than no letter (asks 37)"),
    Guard("figures_trace", _WORDS, words.figures_trace, "a figure that no fact proves is a promise nobody made"),
    Guard("links_known", _WORDS, words.links_known, "customers are led to the shop, its carriers and us alone (F44)"),
    Guard("small_enough", _WORDS, words.small_enough, "Gmail cuts near 102 KB, the way out first"),
)  # fmt: skip


def check(case: Case, stage: Stage) -> Verdict:
    """What the guards of this stage say about the case: the first stop, else the latest wait, else every raise."""
    waits: list[Wait] = []
    raises: list[Raised] = []
    for guard in GUARDS:
        if not _concerns(guard, case, stage):
            continue
        answer = guard.check(case)
        if isinstance(answer, Stop):
            return Verdict(stop=answer)
        if isinstance(answer, Wait):
            waits.append(answer)
        elif isinstance(answer, Raised):
            raises.append(answer)
    return Verdict(wait=max(waits, key=lambda wait: wait.until, default=None), raises=tuple(raises))


def _concerns(guard: Guard, case: Case, stage: Stage) -> bool:
    if stage not in guard.stages or (case.message.copy_of and not guard.copies):
        return False
    return case.row.is_marketing or not guard.marketing_only


__all__ = ["GUARDS", "Answer", "Case", "Guard", "Mode", "Raised", "Send", "Stage", "Stop", "Verdict", "Wait", "check"]
