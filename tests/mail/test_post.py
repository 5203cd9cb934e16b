"""Mail as it arrives at a real SMTP server, and where there is none."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from hub.checkup import checkup
from hub.domain.ports import Letter
from hub.errors import Misconfigured, TemporaryFailure, Undeliverable
from hub.mail import Post
from hub.mail.writing import Writer
from hub.settings import Settings, load
from tests.scene import free_port

LINK = "https://hub.example.com/account/verify?token=s3cret&x=1"
DATA = {"name": "Olivia", "brand": "IS-Messenger", "url": LINK, "lasts": "24 hours", "chat": "Telegram account 51"}
INVITED = {
    **DATA,
    "account": "https://hub.example.com/account/signin",
    "what": "recovery",
    "left": "9",
    "inviter": "Olivia",
    "workspace": "Shop",
    "organization": "Acme",
    "role": "an agent",
    "limits": "no export",
    "email": "olivia@example.com",
}
VERIFY = Letter(to="olivia@example.com", template="verify", data=DATA)


class Server:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.refusals: list[str] = []
        self.asked = 0

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 - the library's name
        """Refuses as it was told to."""
        envelope: Envelope = given[2]
        self.asked += 1
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(given[3])
        return "250 OK"

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 - the library's name
        """Takes it."""
        content = given[2].content
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 OK"

    def let_in(self, *given: Any) -> AuthResult:
        """Knows one name and password."""
        data = given[4]
        return AuthResult(success=(data.login, data.password) == (b"hub", b"p@ss"), handled=False)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made, loop = Server(), asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(made, authenticator=made.let_in, auth_require_tls=False, loop=loop)

    listening = await loop.create_server(session, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    await listening.wait_closed()


def set_up(settings: Settings, server: Server, login: str = "", **changes: Any) -> Settings:
    url = f"smtp://{login}127.0.0.1:{server.port}"
    return msgspec.structs.replace(settings, smtp_url=url, mail_from="Shop <hub@example.com>", **changes)


async def test_a_mail_has_text_and_html(settings: Settings, server: Server) -> None:
    """The same link in both parts, in HTML behind a button; from whom the settings say."""
    await Post(set_up(settings, server)).send(VERIFY)
    (mail,) = server.mails
    assert (mail["From"], mail["To"]) == ("Shop <hub@example.com>", "olivia@example.com")
    assert mail["Subject"] == "Verify your e-mail address for IS-Messenger"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert LINK in text.get_content()
    assert "VERIFY MY EMAIL" in html.get_content()
    assert LINK.replace("&", "&amp;") in html.get_content()


@pytest.mark.parametrize("template", ["verify", "known", "reset", "changed", "second", "tied", "invited"])
def test_what_people_write_stays_text(template: str) -> None:
    """A name is no markup in the HTML part, and no further header in the subject."""
    evil = {name: "<script>\nBcc: all@example.com" for name in INVITED if name not in ("url", "brand", "lasts")}
    mail = Writer("hub@example.com").write(Letter(to="o@example.com", template=template, data={**INVITED, **evil}))
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert mail["Bcc"] is None


async def test_it_signs_in_where_told_to(settings: Settings, server: Server) -> None:
    """Name and password come from the address, decoded; wrong ones are said, without the password."""
    await Post(set_up(settings, server, "hub:p%40ss@")).send(VERIFY)
    assert len(server.mails) == 1
    with pytest.raises(Undeliverable, match="535") as caught:
        await Post(set_up(settings, server, "hub:wrong@")).send(VERIFY)
    assert "wrong" not in caught.value.text


async def test_what_the_server_refuses(settings: Settings, server: Server) -> None:
    """Not now: once more, and then it is said; never: it is said at once."""
    post = Post(set_up(settings, server))
    server.refusals = ["451 Come again"]
    await post.send(VERIFY)
    assert (len(server.mails), server.asked) == (1, 2)
    server.refusals = ["550 No such user"]
    with pytest.raises(Undeliverable, match="550 No such user"):
        await post.send(VERIFY)
    assert server.asked == 3
    nobody = msgspec.structs.replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        await Post(nobody).send(VERIFY)


async def test_without_a_server(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """The mail is put where only we can read it; the log says where, and not what it holds."""
    caplog.set_level(logging.INFO, "hub.mail")
    await Post(settings).send(VERIFY)
    (file,) = (settings.data_dir / "mail").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"VERIFY MY EMAIL" in file.read_bytes()
    assert str(file) in caplog.text
    assert "s3cret" not in caplog.text


async def test_hub_check_looks(settings: Settings, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where mail goes, and what is wrong with the server."""
    away = f"http://127.0.0.1:{free_port()}"
    bare = msgspec.structs.replace(settings, telegram_api_url=away, port=free_port())
    said = []
    for each in (bare, set_up(bare, server), set_up(bare, server, "hub:wrong@")):
        await checkup(each)
        said += [line for line in capsys.readouterr().out.splitlines() if "mail" in line.split()[1:2]]
    assert [line.split()[0] for line in said] == ["note", "ok", "wrong"]
    assert str(bare.data_dir / "mail") in said[0]
    assert "535" in said[2]


@pytest.mark.parametrize(
    "wrong", [{"HUB_SMTP_URL": "mail.example.com"}, {"HUB_MAIL_FROM": "nobody"}, {"HUB_SIGN_UP": "some"}]
)
def test_settings_that_are_none(wrong: dict[str, str], tmp_path: Path) -> None:
    """What would be right is said, and the address of the server, which may hold a password, is not repeated."""
    with pytest.raises(Misconfigured, match=next(iter(wrong))):
        load({"HUB_DATA_DIR": str(tmp_path), **wrong})
