"""Slips of a finger in a search's keys."""

from __future__ import annotations

from hub.domain.names import one_slip


def test_one_slip() -> None:
    """A sign too many, too few, another, or two in wrong order; not two of these."""
    assert all(one_slip(word, "since") for word in ("sinc", "sincee", "sinze", "sicne", "ince"))
    assert not any(one_slip(word, "since") for word in ("since", "price", "invoice", "", "snice!"))
    assert not any(one_slip(word, "from") for word in ("room", "firm", "frame"))
