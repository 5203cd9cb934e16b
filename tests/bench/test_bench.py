"""The bench itself: that it measures everything, not what comes out."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import msgspec
import pytest

from bench.__main__ import PARTS, run
from bench.bench import prepared
from bench.lines import APART, COMMANDS
from bench.load import Load, LoadSpec
from bench.report import GOALS, Metric, Report, table
from bench.sizes import TINY
from hub.admin_bot.registry import shown

ASKED = {
    "ingest_ratio_plain",
    "ingest_ratio_ceiling",
    "ingest_ack_p99_ms",
    "desk_p99_ms",
    "cpu_per_message_us",
    "burst50_delivered",
    "burst50_seconds",
    "growth_1m_over_10k",
    "workspaces_300_over_1",
    "workspace_create_ms",
    "hub_rss_mib",
    "hub_start_seconds",
    "spread_100_per_second",
    "ingest_from_slack_per_second",
    "ingest_messenger_over_telegram",
    "slack_to_telegram_desk_p99_ms",
    "messenger_to_slack_desk_p99_ms",
    "relay_bots_3_posts_per_minute",
    "command_p95_ms{assign}",
    "command_growth{assign}",
    "searches_growth_most",
}


async def test_all_is_measured(tmp_path: Path) -> None:
    """Each figure that is asked for comes out once, whatever the sizes, as a line of JSON and in the table; what is
    sent to the desk is there once.
    """
    report = Report(tmp_path / "bench.jsonl", lambda _: None)
    async with prepared(TINY, report) as bench:
        await asyncio.gather(*(run([part], bench) for part in PARTS))  # at once: here only the names count
    lines = (tmp_path / "bench.jsonl").read_bytes().splitlines()
    found = [msgspec.json.decode(line, type=Metric) for line in lines]
    names = [metric.metric for metric in found]
    assert len(names) == len(set(names))
    assert ASKED | GOALS.keys() <= set(names)
    assert all(metric.value > 0 for metric in found)
    assert next(m.value for m in found if m.metric == "burst50_delivered") == TINY.burst
    out = io.StringIO()
    report.print(out)
    assert all(out.getvalue().count(f'"{name}"') == 1 for name in names)


def test_every_command_is_measured() -> None:
    """A new verb is not done before its time in a large workspace is measured, or it is said why it is not."""
    names = {name.split()[0] for name in COMMANDS}
    assert {command.name for command in shown()} == (names | APART.keys()) - {"show", "summary"}
    assert not names & APART.keys()


@pytest.mark.parametrize(("value", "said"), [(6.0, "met"), (5.9, "missed")])
def test_goals_are_judged(value: float, said: str) -> None:
    """The table says whether a goal is met, the goal itself included."""
    assert table([Metric("ingest_ratio_plain", value, "ratio")])[-1].split()[-3:] == ["≥", "6", said]


def test_a_contact_writes_on_one_connection() -> None:
    """No two messages of a contact are under way at once: each contact has one connection, and all have contacts."""
    load = Load(LoadSpec(port=1, hooks=[], first=1, connections=7, contacts=20))
    contacts = [contact for line in load.lines for contact in line.contacts]
    assert sorted(contacts) == list(range(20))
    assert all(load.line_of(contact) is line for line in load.lines for contact in line.contacts)
