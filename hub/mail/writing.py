"""Writes a mail from its templates: one for the text, one for the HTML, the subject being the text's first line."""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub.domain.models import now
from hub.domain.ports import Letter

_LONGEST_SUBJECT = 150


class Writer:
    """Has the templates, and knows from whom mail comes."""

    def __init__(self, sender: str) -> None:
        """`sender`: `Name <address>`, or an address alone."""
        self._name, self._address = parseaddr(sender)
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(("html.jinja",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, letter: Letter) -> EmailMessage:
        """The mail, with all its headers. No line break of the data gets into a header."""
        subject, _, text = self._filled(f"{letter.template}.txt.jinja", letter.data).partition("\n")
        mail = EmailMessage()
        mail["From"] = Address(self._name, addr_spec=self._address)
        mail["To"] = Address(addr_spec=letter.to)
        mail["Subject"] = " ".join(subject.split())[:_LONGEST_SUBJECT]
        mail["Date"] = format_datetime(now())
        mail["Message-ID"] = make_msgid(domain=self._address.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text.strip() + "\n")
        mail.add_alternative(self._filled(f"{letter.template}.html.jinja", letter.data), subtype="html")
        return mail

    def _filled(self, template: str, data: Mapping[str, str]) -> str:
        return self._templates.get_template(template).render(data)
