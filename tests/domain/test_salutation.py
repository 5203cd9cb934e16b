"""Whom a greeting greets: it stops what was meant for another, and hardly anything else."""

from __future__ import annotations

from itertools import product

import pytest

from hub.domain.salutation import greeted, known, names_in, stranger

ANN = names_in("Ann", "Bell")
OTHERS = known(["Tom Smith", "Anna", "Bob Bright", "Zoe"])


def held(text: str, own: frozenset[str] = ANN, others: frozenset[str] = OTHERS) -> str:
    found = greeted(text)
    return stranger(found, own, others - own) if found else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi Tom", "Tom"),
        ("Hi Tom, your order is on its way", "Tom"),
        ("hi tom your order is on its way", "tom"),
        ("Good morning Pierre!", "Pierre"),
        ("Hello, Marc.", "Marc"),
        ("Dear Mr. Jones,", "Jones"),
        ("Bonjour Pierre,\nvotre commande", "Pierre"),
        ("Hola Juan!", "Juan"),
        ("Guten Tag Frau M\u00fcller,", "M\u00fcller"),
        ("\U0001f44b Ciao Luca!", "Luca"),
        ("Hi Anna,", "Anna"),
        ("H\u200bi To\u2060m,", "Tom"),
        ("Привет, Tom", "Tom"),
        ("Hey Bob, can you look at this?", "Bob"),
    ],
)
def test_another_name_is_seen(text: str, name: str) -> None:
    """A greeting that ends with a name is for who is called so; the name of somebody at hand counts anywhere."""
    assert held(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Hi Ann",
        "Dear Ms Bell,",
        "HELLO ANN!",
        "Hi Annie,",
        "Hi there!",
        "Hello Refund was sent to your bank",
        "Hi, Thanks for writing",
        "Hi Tom and Ann,",
        "Liebe Gr\u00fc\u00dfe, Bob",
        "Hello World",
        "Good morning!",
        "Hi\nTom's parcel is here",
        "The parcel is with Tom",
        "Привет, Аня!",
    ],
)
def test_their_own_name_and_no_name_pass(text: str) -> None:
    """What is the contact's name, or short for it, or no name at all, stops nothing."""
    assert held(text) == ""


def test_a_contact_without_a_name_is_not_guessed_at() -> None:
    """Who is known by nothing may be called anything, but not as somebody else who waits is."""
    assert held("Hi Maria,", frozenset()) == ""
    assert held("Hi Tom,", frozenset()) == "Tom"


GREETINGS = {
    "Ann": "Hi Ann|Hello Ann|Hey Ann|Dear Ann|Good morning Ann|Hi Ann Bell|Dear Mrs Bell|Dear Ms. Bell|Hi there|Hi",
    "Robert": "Hi Bob|Hi Robert|Hello Rob|Dear Robert|Hi again|Hi all|Good evening Bob|Hello sir|Dear customer|Hey",
    "Jürgen": "Hallo Jürgen|Hallo Juergen|Hi Jurgen|Lieber Jürgen|Guten Tag|Guten Morgen Jürgen|Hallo zusammen|Hallo",
    "María José": "Hola María|Hola Maria José|Buenos días|Estimada María|Hola Majo|Buenas tardes María|Hola de nuevo",
    "François": "Bonjour François|Bonjour Francois|Salut|Cher François|Bonjour|Bonsoir Monsieur|Bonjour à tous",
    "Анна": "Здравствуйте|Здравствуйте, Анна|Привет, Аня|Добрый день, Анна|Hello Anna|Привет",
    "Giulia": "Ciao Giulia|Buongiorno|Buongiorno Giulia|Cara Giulia|Ciao|Gentile cliente|Salve",
}
BEHIND = (
    ", your order is on its way.",
    "!\nThanks for writing to us.",
    ", thank you for your patience!",
    " - Refund was sent today",
    ", I checked with Tom and it is fine",
    "\n\nWe have found your parcel in Berlin.",
    ", Sorry for the delay",
    "! Could you send us the number?",
)
PLAIN = (
    "Thanks, Bob",
    "Your parcel is in Berlin.",
    "Danke, wir melden uns. Liebe Grüße, Zoe",
    "Yes, Tom from the store told me so.",
    "Please call Mr. Smith at our office.",
    "Ok",
    "Refund sent.",
    "Dear oh dear, that should not happen!",
    "Hey, Paypal says it was sent",
    "Hello Kitty cups are back in stock",
)


def test_good_replies_are_hardly_ever_held() -> None:
    """Of replies as agents write them, in several languages and with short forms of names, under 2 % are held."""
    said = [(name, g + b) for name, row in GREETINGS.items() for g, b in product(row.split("|"), BEHIND)]
    said += [("Ann", words) for words in PLAIN]
    stopped = [
        (name, text)
        for name, text in said
        if held(text, names_in(*(("Ann", "Bell") if name == "Ann" else name.split())))
    ]
    assert len(said) > 440
    assert len(stopped) < 0.02 * len(said), stopped
