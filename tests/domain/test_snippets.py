"""What a saved reply may say, and what it then says."""

from __future__ import annotations

import pytest

from hub.domain.ids import ContactId
from hub.domain.models import Contact, Snippet
from hub.domain.snippets import render, variables
from hub.errors import Invalid

ANN = Contact(id=ContactId("c"), first_name="Ann", last_name="Bell")


def said(text: str, contact: Contact = ANN) -> str:
    return render(Snippet(id="s", name="hi", text=text), variables(contact, None, "Acme"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi {{ contact }}!", "Hi Ann Bell!"),
        ("Hi {{contact.first_name}}!", "Hi Ann!"),
        ("{{ workspace }} greets {{ contact | upper }}", "Acme greets ANN BELL"),
        ("{{ assignee | default('We') }} are here", "We are here"),
        ("{{ contact.phone | default(contact) }}", "Ann Bell"),
        ("Hi {{ contact.phone | or('there') }}", "Hi there"),
    ],
)
def test_what_stands_for_what(text: str, shown: str) -> None:
    """A contact, an assignee or a workspace named alone is its name; a fallback stands for what is not known."""
    assert said(text) == shown


@pytest.mark.parametrize("text", ["/close", " \u2060/ close", "//call them", "!take"])
def test_what_looks_like_a_command_is_no_snippet(text: str) -> None:
    """What begins with a command's sign never goes out, saved or not."""
    with pytest.raises(Invalid, match="never goes out"):
        said(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ assignee }}", "assignee.name"),
        ("{{ contact.phone }}", "contact.phone"),
        ("{{ contact.items }}", "contact.items"),
        ("{{ nobody }}", "nobody"),
    ],
)
def test_what_is_not_known_is_not_sent(text: str, names: str) -> None:
    """Nothing goes out with a hole in it, or with the insides of the hub: the empty variable is named."""
    with pytest.raises(Invalid, match=f"names {names}, which is empty"):
        said(text)


def test_a_nameless_contact_is_not_called_unknown() -> None:
    """What agents see for want of a name is no way to address a person."""
    with pytest.raises(Invalid, match=r"contact\.name"):
        said("Hi {{ contact }}!", Contact(id=ContactId("c")))


@pytest.mark.parametrize("text", ["{{ contact.name.upper }}", "{{ contact.__class__ }}", "{{ contact['name'] }}"])
def test_a_field_has_no_insides(text: str) -> None:
    """Only groups have fields; whatever the language makes of a text's own parts is nobody's business."""
    with pytest.raises(Invalid, match="cannot call"):
        said(text)
