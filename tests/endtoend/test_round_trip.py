"""Words from each network to each desk and back: equal to the letter, their formatting as near as the network can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from hub.domain.text import Span, Text
from tests.endtoend import writing
from tests.endtoend.mixed import DESKS, NETWORKS, Customer, Mixed, Place, Typed
from tests.endtoend.town import until
from tests.endtoend.writing import Shown

SHOWN = {
    "telegram": writing.on_telegram,
    "slack": writing.on_slack,
    "messenger": writing.on_messenger,
    "custom": writing.on_custom,
}
FAMILY, RAINBOW, GERMANY = "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪"
SIGNS = [
    FAMILY,
    RAINBOW,
    GERMANY,
    "👍🏽",
    "🫱🏻‍🫲🏿",
    "☺️",
    "1️⃣",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "❤️‍🔥",
    "🧑🏿‍🚀",
]
LONG = [f"word{n} " for n in range(1060)]
ENDLESS = [FAMILY] * 1429
RIGHT_TO_LEFT = (
    "مرحبا، أين طلبي رقم ١٢٣٤؟\n"
    "שלום, ההזמנה שלי (order #42, size XL) עדיין לא הגיעה!\n"
    "\u202bמחיר: 5\u00a0USD\u202c \u200fתודה\u200e — \u2067اسم\u2069 end"  # noqa: RUF001 - letters of theirs
)
FORMATTED = (
    "italic and bold in it, a link in bold, a plain link, code here, gone\n"
    'x = [1 < 2 && "*a*_b_"]\n  y\n'
    "after it @Max Moon."
)
PAGE, OTHER = "https://shop.example/a?b=1&c=2", "https://shop.example/other"


def _on(words: str, kind: str, value: str = "") -> Span:
    start = FORMATTED.index(words)
    return Span(start, start + len(words), kind, value)  # type: ignore[arg-type]


SPANS = (
    _on("italic and bold in it", "italic"),
    _on("bold in it", "bold"),
    _on("a link in bold", "link", PAGE),
    _on("in bold,".rstrip(","), "bold"),
    _on("a plain link", "link", OTHER),
    _on("code here", "code"),
    _on("gone", "strike"),
    _on('x = [1 < 2 && "*a*_b_"]\n  y', "pre"),
    _on("@Max Moon", "mention"),
)
STYLED = ("italic and ", "bold in it", "a link", "in bold", "a plain link", "code here", "gone", "x = [1", "  y")
"""The words of it on which something stands."""


@dataclass(frozen=True)
class Case:
    """A text, and what of it must not be torn."""

    text: Text
    clusters: Sequence[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return self.text.plain


CASES = {
    "long": Case(Text("".join(LONG).rstrip()), LONG),
    "emoji": Case(Text(" ".join(SIGNS) + "\n" + "".join(SIGNS))),
    "endless emoji": Case(Text("".join(ENDLESS)), ENDLESS),
    "right to left": Case(Text(RIGHT_TO_LEFT)),
    "formatted": Case(Text(FORMATTED, SPANS)),
}


def parts(mixed: Mixed, network: str, case: Case, max_: str) -> list[Typed]:
    """The text as that network's apps hand it on; `max_`: who is mentioned in it where it is written on Slack."""
    who = (mixed.shop.bob, max_)
    cut = writing.cut_for_telegram(case.text, case.clusters) if network == "telegram" else [case.text]
    made = [writing.typed(text, who) for text in cut]
    if case is CASES["emoji"]:
        return [Typed(made[0].words, (), _by_code() if network == "slack" else ())]
    return made


def _by_code() -> tuple[dict[str, object], ...]:
    """With line and spaces as words between."""
    (spaced,), (joined,) = writing.emoji_elements(SIGNS), writing.emoji_elements(SIGNS)
    space = {"type": "text", "text": " "}
    first = [each for sign in spaced["elements"] for each in (sign, space)][:-1]
    line = {"type": "text", "text": "\n"}
    return ({"type": "rich_text_section", "elements": [*first, line, *joined["elements"]]},)


async def arrived(mixed: Mixed, network: str) -> dict[str, Customer]:
    """For each text somebody who has written already, and stands on both desks."""
    made = {name: mixed.somebody(network) for name in CASES}
    await asyncio.gather(*(customer.write([Typed(f"hello of {customer.name}")]) for customer in made.values()))
    for desk in DESKS:
        for customer in made.values():
            place = mixed.agents(desk, customer)
            await until(lambda p=place: p.posts(), f"{customer.name} on the desk", 30)  # type: ignore[misc]
    await mixed.shop.town.quiet()
    return made


def same(case: Case, given: Sequence[Shown], words: str) -> bool:
    """Whether these say that in order, torn nowhere but between words, or between signs."""
    if not case.clusters:
        return "".join(each.words for each in given) == words
    if " " in words:
        return " ".join(each.words for each in given).split() == words.split()
    pieces = " ".join(each.words for each in given).split()
    return "".join(pieces) == words and all(len(piece) % len(FAMILY) == 0 for piece in pieces)


async def sees(case: Case, look: Callable[[], Sequence[Shown]], words: str, what: str) -> list[Shown]:
    """What is seen, as soon as it is those words."""

    def found() -> bool:
        return same(case, look(), words)

    try:
        await until(found, what)
    except AssertionError:
        assert [each.words for each in look()] == [words], what
        raise
    return list(look())


def kinds(case: Case, seen: Sequence[Shown]) -> dict[str, set[str]]:
    """What stands on the formatted words."""
    return {words: seen[0].on(words) for words in STYLED} if case is CASES["formatted"] else {}


FULL = writing.shown(Text(FORMATTED, SPANS))
WHOLE = {words: FULL.on(words) for words in STYLED}
PLAIN: dict[str, set[str]] = {words: set() for words in STYLED}


@pytest.mark.parametrize("network", NETWORKS)
async def test_to_both_desks(mixed: Mixed, network: str) -> None:
    """What a contact writes stands on both desks as they wrote it, formatted where their network tells of it."""
    made = await arrived(mixed, network)
    shown = {desk: {n: len(mixed.agents(desk, c).posts()) for n, c in made.items()} for desk in DESKS}
    for name, customer in made.items():
        await customer.write(parts(mixed, network, CASES[name], mixed.other_max.id))
    for desk in DESKS:
        for name, customer in made.items():
            place, case = mixed.agents(desk, customer), CASES[name]
            seen = await sees(case, _since(place, desk, shown[desk][name]), case.words, f"{name} on the {desk} desk")
            if name == "formatted":
                assert kinds(case, seen) == (WHOLE if network in DESKS else PLAIN)


def _since(place: Place, desk: str, skip: int) -> Callable[[], list[Shown]]:
    return lambda: [SHOWN[desk](post) for post in place.posts()[skip:]]


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("network", NETWORKS)
async def test_from_a_desk(mixed: Mixed, network: str, desk: str) -> None:
    """What an agent answers is on the contact's phone as they wrote it; what their network cannot show is left out, but
    for an address behind words, which is added to them.
    """
    made = await arrived(mixed, network)
    for name, customer in made.items():
        mixed.agents(desk, customer).answer(parts(mixed, desk, CASES[name], mixed.max.id))
    for name, customer in made.items():
        case = CASES[name]
        words = _with_addresses(case.words) if network == "messenger" else case.words
        seen = await sees(case, _phone(customer, network), words, f"{name} from {desk} on {network}")
        if name == "formatted":
            assert kinds(case, seen) == (WHOLE if network in DESKS else PLAIN)
    if network == "custom":
        assert made["formatted"].phone()[-1]["markdown"] == MARKDOWN


def _phone(customer: Customer, network: str) -> Callable[[], list[Shown]]:
    return lambda: [SHOWN[network](message) for message in customer.phone()]


def _with_addresses(words: str) -> str:
    for link, address in (("a link in bold", PAGE), ("a plain link", OTHER)):
        words = words.replace(link, f"{link} ({address})")
    return words


MARKDOWN = (
    f"*italic and **bold in it***, [a link **in bold**](<{PAGE}>), [a plain link](<{OTHER}>), `code here`, ~~gone~~\n"
    '```\nx = [1 < 2 && "*a*_b_"]\n  y\n```\n'
    "after it @Max Moon."
)
