"""aiogram as the hub imports it: what is made late is made whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

from aiogram.methods import Response, TelegramMethod
from aiogram.types import Update
from pydantic import BaseModel

from hub.admin_bot import telegram


def _named() -> set[type[BaseModel]]:
    """Those of aiogram's models that the hub's modules name."""
    modules = (
        importlib.import_module(f"{telegram.__name__}.{m.name}") for m in pkgutil.iter_modules(telegram.__path__)
    )
    classes = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    return {c for c in classes if issubclass(c, BaseModel) and c.__module__.startswith("aiogram")}


def test_all_that_the_hub_names_is_whole() -> None:
    """Each type and method that the hub names, and each method's answer, can be made when it is first used: none lacks
    what its annotations name.
    """
    named = _named()
    assert len(named) > 40
    methods = [m for m in named if issubclass(m, TelegramMethod) and not inspect.isabstract(m)]
    answers: list[Any] = [Response.__class_getitem__(method.__returning__) for method in methods]
    for model in [*named, *answers]:
        model.model_rebuild()
        assert model.__pydantic_complete__, model


def test_pydantic_is_left_as_it_was() -> None:
    """What every hub reads is made in advance, and other models than aiogram's are made as ever."""
    assert Update.__pydantic_complete__
    assert BaseModel.model_rebuild.__module__ == "pydantic.main"
