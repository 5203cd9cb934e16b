"""aiogram, imported in a fifth of its time: it makes the validators of all types of the Bot API while it is imported,
some hundreds, each with all that may stand in it. Here each is made when it is first used, and most never are.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

FIRST = ("Message", "Update")
"""Types that every hub reads, made at once: most others hold them, and are quick to make then."""


def load_aiogram() -> None:
    """To be called before anything else imports aiogram, and harmless afterwards."""
    if "aiogram" in sys.modules:
        return
    with _made_later() as names:
        importlib.import_module("aiogram")
    methods = importlib.import_module("aiogram.methods")
    for name in ("Response", *methods.__all__):
        # Pydantic looks here for what an annotation names; what aiogram's own loop would have told it.
        getattr(methods, name).__pydantic_parent_namespace__ = names
    for name in FIRST:
        names[name].model_rebuild()


@contextmanager
def _made_later() -> Iterator[dict[str, Any]]:
    """Inside, a model that is told what its annotations name only notes it; gives those names."""
    from pydantic import BaseModel

    plain, known = BaseModel.__dict__["model_rebuild"], dict[str, Any]()

    def noted(model: Any, *, _types_namespace: Mapping[str, Any] | None = None, **how: Any) -> bool | None:
        if _types_namespace is None or not model.__module__.startswith("aiogram.types."):
            made: bool | None = plain.__func__(model, _types_namespace=_types_namespace, **how)
            return made
        known.update({} if known else _types_namespace)
        model.__pydantic_parent_namespace__ = known
        return None

    BaseModel.model_rebuild = classmethod(noted)  # type: ignore[assignment, arg-type]
    try:
        yield known
    finally:
        BaseModel.model_rebuild = plain  # type: ignore[method-assign]
