"""Whom a message greets: `Hi Tom,` in Ann's conversation was likely written for another.

Few good replies may be stopped by it, so a word that merely looks like a name counts only where the greeting ends with
it; the name of somebody whom the agent could have confused the contact with counts everywhere.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

import msgspec

from hub.domain.text import seen

_GREETINGS = (
    "hi hello hey hiya howdy dear greetings hallo hoi moin servus liebe lieber gruezi beste lieve geachte goedemorgen "
    "goedemiddag goedenavond bonjour bonsoir salut coucou cher chere hola buenas estimado estimada querido querida "
    "ciao buongiorno buonasera salve caro cara gentile ola oi prezado prezada hej hei heisann hejsan moi terve merhaba "
    "selam"
)
_PAIRS = (
    "good morning|good afternoon|good evening|good day|guten tag|guten morgen|guten abend|sehr geehrte|sehr geehrter|"
    "gruss gott|goeden dag|buenos dias|buenas tardes|buenas noches|bom dia|boa tarde|boa noite|god morgon|god kveld"
)
_BENT = (
    "czesc witaj ahoj cau привет здравствуйте здравствуй добрый день доброе утро вітаю привіт здравейте здрасти szia "
    "kedves buna draga γεια dobry den dzien dobry"
)
"""Of languages in which a name that is called has another ending, or another form among friends."""
_TITLES = (
    "mr mrs ms miss mister dr prof sir madam frau herr herrn mme mlle monsieur madame m sr sra senor senora srta don "
    "dona sig signor signora dott heer mevrouw bay bayan pan pani"
)
_NO_NAMES = (
    "there all again everyone everybody folks guys team sir madam madams sirs friend friends customer client guest "
    "valued user member buyer sender colleagues ladies gentlemen whoever and yes no ok okay sure thanks thank sorry "
    "please welcome just we i i'm it it's your you our the this that what how so as to from in on for good great nice "
    "my apologies unfortunately morning afternoon evening day happy anyone one world "
    "zusammen leute alle allerseits nochmal nochmals kunde kundin kunden kundinnen damen herren grusse gruss danke "
    "vielen ihr ihre ihren du sie wir ich ja nein gerne gern leider entschuldigung willkommen freunde "
    "tous toutes cliente merci oui non desole votre nous je monsieur madame messieurs mesdames cher equipe "
    "todos todas gracias si lo su nosotros buenas buenos senores dias tardes noches amigo amiga equipo "
    "tutti tutte grazie mi ci il la gentile signori obrigado obrigada sim nao tudo pessoal senhor senhora "
    "allemaal iedereen klant bedankt nee wij heren dames tak tack alla kund"
)
_NICKNAMES = (
    "robert bob bobby rob|william bill billy will liam|elizabeth liz lisa beth betty ella|margaret peggy maggie greta|"
    "john jack johnny ian|richard dick rick rich|edward ted ed ned|theodore ted theo|james jim jimmy|henry harry hank|"
    "charles chuck charlie|mary molly polly|catherine kate katie kitty|katherine kate katie kitty|dorothy dot dolly|"
    "anthony tony|francis frank|francisco paco pancho|jose pepe|enrique quique|giuseppe beppe pino|johannes hans|"
    "alexander sasha alex sandro|helen nell ellie|patricia trish patty|susan sue|stephen steve|sarah sally|hugo ugo|"
    "michael mike mick|nicholas nick|joseph joe|thomas tom|andrew drew|albert bert|eugene gene|isabel bella|"
    "wilhelm willi"
)
_END = re.compile(r"[,.!?:;\n\u2013\u2014(\U0001f300-\U0001faff]|\s-\s")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_MOST_WORDS = 5
"""Words after the greeting among which somebody's name may be: `Mr Tom Bell and Ann`."""


class Greeted(msgspec.Struct, frozen=True):
    """The names that a message's greeting may call, as they are written.

    `sure`: the greeting ends with them, so they are hardly anything else. `titled`: they stand behind a title.
    """

    names: tuple[str, ...]
    sure: bool = False
    titled: bool = False


def plain(word: str) -> str:
    """A word without case and accents, for comparing."""
    parts = unicodedata.normalize("NFKD", word.casefold().replace("\u2019", "'").replace("\xdf", "ss"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def names_in(*names: str) -> frozenset[str]:
    """All words of names, for comparing."""
    return frozenset(plain(word) for name in names for word in re.findall(r"[^\W\d_]+", name))


def greeted(text: str) -> Greeted | None:
    """Whom the message's first words greet; None: nobody by name."""
    text = seen(text)
    words = list(_WORD.finditer(text))[: _MOST_WORDS + 2]
    count, bent = _greeting([plain(w.group()) for w in words[:2]])
    if not count:
        return None
    after = text[words[count - 1].end() :]
    called = words[count:]
    close = re.match(r"\s*,[ \t]*(?=\S)", after)
    start = words[count - 1].end() + (close.end() if close else 0)
    return _called(text, start, [w for w in called if w.start() >= start], bent=bent, apart=bool(close))


def _greeting(first: list[str]) -> tuple[int, bool]:
    """How many of the first words are a greeting, and whether its language bends names."""
    pair = " ".join(first)
    if pair in _PAIRS.split("|") or (len(first) == 2 and pair in _BENT):
        return 2, pair not in _PAIRS.split("|")
    if first and first[0] in _GREETINGS.split():
        return 1, False
    return (1, True) if first and first[0] in _BENT.split() else (0, False)


def _called(text: str, start: int, words: list[re.Match[str]], *, bent: bool, apart: bool) -> Greeted | None:
    end = _END.search(text, _past_title(text, start))
    stop = end.start() if end else len(text)
    near = [w.group().rstrip("'\u2019") for w in words if w.start() < stop][:_MOST_WORDS]
    titled = bool(near) and plain(near[0]) in _TITLES.split()
    near = near[1:] if titled else near
    capital = [n for n in near if n[:1].isupper()]
    whole = bool(near) and len(capital) >= len([n for n in near if plain(n) not in ("and", "und", "et", "y", "e")])
    if not near or plain(near[0]) in _NO_NAMES.split() or (apart and not whole):
        return None
    return Greeted(tuple(near), sure=whole and len(near) <= 3 and not bent, titled=titled)


def _past_title(text: str, start: int) -> int:
    """Where to look for the end of the greeting: the stop behind `Mr.` is none."""
    title = re.compile(r"\s*([^\W\d_]+)\.").match(text, start)
    return title.end() if title and plain(title[1]) in _TITLES.split() else start


def stranger(greeted: Greeted, own: frozenset[str], others: frozenset[str]) -> str:
    """The greeted name that is not one of the contact's `own`, as it is written; empty: it may well be theirs.

    `others`: with whom the contact could have been confused.
    """
    called = [plain(name) for name in greeted.names]
    if own & {*called} or any(part in own for name in called for part in re.split(r"[-']", name)):
        return ""
    if any(_nickname(name, mine) for name in called for mine in own):
        return ""
    first = greeted.names[0]
    if called[0] in others:
        return first
    likely = greeted.sure and bool(own) and first[:1].isupper() and not first.isupper()
    if not likely or any(_alike(name, mine) for name in called for mine in own):
        return ""
    return first if any(_script(first) == _script(mine) for mine in own) else ""


def _alike(one: str, other: str) -> bool:
    """Whether one may be short for the other, or a slip in writing it."""
    if len(one) > 1 and one[:2] == other[:2]:
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.67


def _nickname(one: str, other: str) -> bool:
    return any(one in row.split() and other in row.split() for row in _NICKNAMES.split("|"))


def _script(word: str) -> str:
    return unicodedata.name(word[0], "?").partition(" ")[0]


def known(names: Iterable[str]) -> frozenset[str]:
    """The first words of the names of others."""
    firsts = (name.split(maxsplit=1)[0] for name in names if name.strip())
    return frozenset(plain(f) for f in firsts if len(f) > 1) - {*_NO_NAMES.split()}
