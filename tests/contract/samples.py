"""The table of samples that `test_platforms.py` puts every discovered platform through.

A party adds itself with a file `tests/contract/samples_<platform>.py` that has one function, `samples()`, giving `Sample`s:
one for each fixture in `tests/fixtures/<platform>/`, truly signed. It is found by its name; nothing here is edited for it.
"""

import importlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from lifecycle.ports import RawRequest

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
# Whatever a `platform(settings)` may ask for; a platform that needs more reads it from here by its own attribute.
SETTINGS = SimpleNamespace(shopify_secrets=("shpss_contract_current", "shpss_contract_previous"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded delivery. `raw` is signed with `secrets[0]`; `signature` is the lower-case name of the signature's header.

    `topic` is what `address()` must find. `now` is when it arrives, for platforms that sign a time.
    """

    platform: str
    name: str
    topic: str
    raw: RawRequest
    secrets: tuple[bytes, ...]
    signature: str
    now: datetime = NOW

    def __str__(self) -> str:
        return f"{self.platform}:{self.name}"


def all_samples() -> list[Sample]:
    """Every party's samples, by name."""
    # A party that is being built alone can be tested alone: SAMPLES_OF=shopify.
    only = os.environ.get("SAMPLES_OF", "*")
    files = sorted(Path(__file__).parent.glob(f"samples_{only}.py"))
    modules: Iterable = (importlib.import_module(f"tests.contract.{file.stem}") for file in files)
    return [sample for module in modules for sample in module.samples()]
