"""Outside parties: one folder each, found by folder. `rm -r` removes one.

A folder whose module has `platform(settings)` is a shop system; one whose module has `postman(settings)` hands letters over.
Beside the folders: `signing` (the one HMAC check), `payload` (strict JSON and its getters), `http` (the one way out).
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from lifecycle.ports import Platform, Postman


def _folders() -> Iterator[tuple[str, ModuleType]]:
    for found in pkgutil.iter_modules(__path__):
        if found.ispkg:
            yield found.name, importlib.import_module(f"{__name__}.{found.name}")


def platforms(settings: Any) -> dict[str, Platform]:
    """Every shop system by its name, ready to be asked."""
    made = [module.platform(settings) for _, module in _folders() if hasattr(module, "platform")]
    return {platform.name: platform for platform in made}


def postmen(settings: Any) -> dict[str, Callable[[], Postman]]:
    """Every postman's maker by its folder's name. Only the one that is called reads its settings, and may raise BadSetting."""
    return {name: partial(module.postman, settings) for name, module in _folders() if hasattr(module, "postman")}
