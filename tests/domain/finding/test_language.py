"""The filter language: what is read is what was written, mistakes are pointed at, what is found is what was asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.domain.finding.compiling import compiled
from hub.domain.finding.conditions import Finds
from hub.domain.finding.grammar import All, Either, Mistake, Node, Not, Term, shown
from hub.domain.finding.grammar import parse as parse_apart
from hub.domain.finding.known import known
from hub.domain.finding.searching import search
from hub.domain.finding.times import Clock, stretch
from hub.domain.finding.words import MOST, around, folded, words_of
from hub.domain.models import Contact, Conversation, Tag
from hub.store import Store
from hub.store.workspace import MongoWorkspace
from tests.domain.finding.many import ANN, AT, CATALOG, contact, conversation, write

Person = tuple[Contact, Conversation | None]
Holds = Callable[[Contact, Conversation | None], bool]
SOME = 120
CONVERSATION: dict[str, Holds] = {
    "assignee:me": lambda _, t: t is not None and t.assignee == ANN.id,
    "assignee:none,bob": lambda _, t: t is not None and t.assignee != ANN.id,
    "team:sales": lambda _, t: t is not None and t.team == "sales",
    "channel:page": lambda _, t: t is not None and t.channel == "ch2",
    "is:snoozed": lambda _, t: t is not None and t.state == "snoozed",
    "is:closed,open": lambda _, t: t is not None and t.state in ("closed", "open"),
    "waiting>30m": lambda _, t: (
        t is not None and bool(t.waiting_since and t.waiting_since < AT - timedelta(minutes=30))
    ),
    "opened<1d": lambda _, t: t is not None and t.opened_at >= AT - timedelta(days=1),
    "closed>1d": lambda _, t: t is not None and bool(t.closed_at and t.closed_at < AT - timedelta(days=1)),
    "category:billing": lambda _, t: t is not None and t.category == "bill",
}
OF_CONTACTS: dict[str, Holds] = {
    "assignee:me": lambda c, _: c.assignee == ANN.id,
    "team:none": lambda c, _: c.team is None,
    "channel:telegram": lambda c, _: c.reaches[0].channel == "ch1",
    "is:open": lambda _, t: t is not None and t.state == "open",
    "is:snoozed": lambda _, t: t is not None and t.state == "snoozed",
    "waiting>30m": lambda _, t: bool(t and t.waiting_since and t.waiting_since < AT - timedelta(minutes=30)),
}
EITHER: dict[str, Holds] = {
    "tag:vip": lambda c, _: "vip" in c.tags,
    "tag:rare,none": lambda c, _: "rare" in c.tags or not c.tags,
    "name:ann": lambda c, _: c.first_name == "Ann",
    "nr1": lambda c, _: c.last_name.startswith("Nr1"),
    "phone:491500000": lambda c, _: "491500000" in c.phone,
    "country:de,fr": lambda c, _: c.country in ("DE", "FR"),
    "plan:gold": lambda c, _: c.fields["plan"] == "gold",
    "age>=40": lambda c, _: float(c.fields["age"]) >= 40,
    "born<1920-01-02": lambda c, _: str(c.fields["born"]) < "1920-01-02",
    "seen<20h": lambda c, _: bool(c.reaches[0].last_in and c.reaches[0].last_in >= AT - timedelta(hours=20)),
    "is:blocked": lambda c, _: c.block is not None,
    "email:c7@shop.example": lambda c, _: c.email == "c7@shop.example",
}


def parse(line: str) -> Node:
    return parse_apart(line)[0]


def nodes(leaves: list[str]) -> st.SearchStrategy[Node]:
    """Filters of these terms, nested."""
    leaf: st.SearchStrategy[Node] = st.sampled_from(leaves).map(parse)

    def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(inner.map(Not), several.map(All), several.map(Either))

    return st.recursive(leaf, deeper, max_leaves=5)


def holds(node: Node, leaves: dict[str, Holds], person: Person) -> bool:
    """What a filter means, said as plainly as can be."""
    match node:
        case Term():
            return leaves[shown(node)](*person)
        case Not():
            return not holds(node.of, leaves, person)
        case All():
            return all(holds(each, leaves, person) for each in node.of)
        case Either():
            return any(holds(each, leaves, person) for each in node.of)


@given(nodes([*CONVERSATION, *EITHER]))
@settings(max_examples=100, deadline=None)
def test_what_is_shown_means_the_same(node: Node) -> None:
    """A filter that is written out and read again is the same filter."""
    assert shown(parse(shown(node))) == shown(node)


@given(st.text(alphabet="ab :<>=(),|-#@or not and\n\u2013", max_size=40) | st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_whatever_is_typed_is_read_or_pointed_at(line: str) -> None:
    """No line breaks the reader: it is a filter, or the mistake is pointed at within the line or at its end."""
    try:
        node = parse(line)
    except Mistake as mistake:
        wrong = mistake
    else:
        assert shown(parse(shown(node))) == shown(node)
        return
    assert 0 <= wrong.start < wrong.end <= len(line) + 1
    assert "^" in wrong.pointed().split("\n")[-1]


# -- what is found ---------------------------------------------------------------------------------------------------


class Small:
    """A workspace so small that no budget cuts anything short."""

    def __init__(self, workspace: MongoWorkspace) -> None:
        self.workspace = workspace
        self.people = [contact(n) for n in range(SOME)]
        self.live = {c.id: conversation(n, c) for n, c in enumerate(self.people) if n % 5}
        self.talks: list[Person] = [(c, self.live[c.id]) for c in self.people if c.id in self.live]
        self.talks += [(c, conversation(n, c, number=1000 + n, closed=True)) for n, c in enumerate(self.people)]

    async def found(self, node: Node, finds: Finds) -> set[str]:
        asked = compiled(shown(node), await known(self.workspace, ANN, Clock(AT), finds))
        page = await search(self.workspace, asked, finds, 1000)
        assert not page.cut
        assert page.total == len(page.cases)
        return {c.conversation.id if finds == "conversations" and c.conversation else c.contact.id for c in page.cases}


@pytest.fixture(scope="module")
async def small(store: Store) -> Small:
    entry = await store.directory.create_workspace("", "Small")
    made = Small(store.workspace(entry.id))
    await made.workspace.items(Tag)
    await write(made.workspace, [*CATALOG, *made.people, *(t for _, t in made.talks if t)])
    made.workspace._catalog.forget()
    return made


def says_state(node: Node) -> bool:
    return any(word in shown(node) for word in ("is:closed", "is:snoozed", "closed>", "category:"))


async def test_conversations_found_are_those_that_fit(small: Small) -> None:
    """Wherever in the indexes it begins, a filter finds just the conversations for which it holds; open ones, unless
    it speaks of states.
    """
    for node in examples(nodes([*CONVERSATION, *EITHER])):
        leaves = {**EITHER, **CONVERSATION}
        fit = {t.id for c, t in small.talks if t is not None and holds(node, leaves, (c, t))}
        if not says_state(node):
            fit &= {t.id for _, t in small.talks if t is not None and t.state == "open"}
        assert await small.found(node, "conversations") == fit, shown(node)


async def test_contacts_found_are_those_that_fit(small: Small) -> None:
    """So it is with contacts, whose conversation is the one that is not closed."""
    leaves = {**EITHER, **OF_CONTACTS}
    for node in examples(nodes([*leaves])):
        fit = {c.id for c in small.people if holds(node, leaves, (c, small.live.get(c.id)))}
        assert await small.found(node, "contacts") == fit, shown(node)


def examples(strategy: st.SearchStrategy[Node], count: int = 40) -> list[Node]:
    """Different ones of them, always the same: a test that speaks to the database cannot be given them one by one."""
    found: list[Node] = []

    @given(strategy)
    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def collect(node: Node) -> None:
        found.append(node)

    collect()
    return list({shown(node): node for node in found}.values())


# -- times and words -------------------------------------------------------------------------------------------------


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,5}[hdwm]|[0-9]{4}(-[0-9]{1,2}){0,2}|[a-z]{2,9}", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_a_time_is_a_stretch_or_nothing(word: str) -> None:
    """Whatever a word is, it is a stretch of time that begins before it ends, or no time."""
    found = stretch(word, Clock(AT, "Europe/Berlin"))
    assert found is None or found.first <= found.after


def test_days_are_those_of_who_asks() -> None:
    """Today begins at midnight of the asker's zone; a month that is still to come is last year's."""
    clock = Clock(AT.replace(year=2026, month=3, day=10, hour=23, minute=30), "Asia/Tokyo")
    today, month, later = stretch("today", clock), stretch("feb", clock), stretch("november", clock)
    assert today is not None
    assert month is not None
    assert later is not None
    assert today.first.isoformat() == "2026-03-10T15:00:00+00:00"
    assert month.first.isoformat() == "2026-01-31T15:00:00+00:00"
    assert (later.first.year, later.after.year) == (2025, 2025)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    """The words of any part of a text are words of the text, in whatever case it is typed."""
    whole = words_of(text)
    for word in text.split():
        assert {*words_of(word)} <= {*whole} or len(whole) == MOST
        assert words_of(word.upper()) == words_of(word) or folded(word.upper()) != folded(word)


def test_words_of_every_script() -> None:
    """Accents and case do not count; scripts without spaces are cut into pairs; what says nothing is left out."""
    assert words_of("Größe of MÜNCHEN, to_do x9 42") == ["grosse", "munchen", "to_do", "x9", "42"]
    assert words_of("我们要退款") == ["我们", "们要", "要退", "退款"]
    assert words_of("привет, мир") == ["привет", "мир"]
    assert around("one two three", ["two"]) == "one two three"
