"""Google's settings: which are taken, and what `hub check` says of them."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from hub.checkup.findings import Finding, Surroundings
from hub.checkup.google import google_sign_in
from hub.errors import Misconfigured
from hub.settings import load
from tests.oidc.standing import Standing

ID, SECRET, URL = "HUB_GOOGLE_CLIENT_ID", "HUB_GOOGLE_CLIENT_SECRET", "HUB_GOOGLE_DISCOVERY_URL"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (ID, "two words"),
        (SECRET, "ümlaut"),
        (URL, "accounts.google.com"),
        (URL, "http://accounts.example.com/.well-known/openid-configuration"),
    ],
)
def test_what_is_refused(name: str, wrong: str) -> None:
    """A wrong setting is refused by name, with what would be right, and never repeated where it may be a secret."""
    with pytest.raises(Misconfigured, match=name) as refused:
        load({name: wrong})
    assert wrong not in refused.value.text


async def found(tmp_path: Path, **environ: str) -> Finding:
    settings = load({"HUB_DATA_DIR": str(tmp_path), "HUB_PUBLIC_URL": "https://hub.example.com", **environ})
    async with aiohttp.ClientSession() as http:
        (finding,) = await google_sign_in(Surroundings(settings, http))
    assert "s3cret" not in finding.text
    return finding


async def test_what_hub_check_says(provider: Standing, tmp_path: Path) -> None:
    """Off is a note, half is wrong, what does not answer rightly is wrong with why; right names the return address."""
    discovery = f"{provider.issuer('google')}/.well-known/openid-configuration"
    both = {ID: "hub", SECRET: "s3cret", URL: discovery}
    assert (await found(tmp_path)).mark == "note"
    for half, lacks in ((ID, SECRET), (SECRET, ID)):
        finding = await found(tmp_path, **{half: "s3cret"})
        assert (finding.mark, lacks in finding.text) == ("wrong", True)
    await provider.honest("google")
    right = await found(tmp_path, **both)
    assert (right.mark, "https://hub.example.com/account/return/google" in right.text) == ("ok", True)
    await provider.tell("google", lie="html@description")
    wrong = await found(tmp_path, **both)
    assert (wrong.mark, "Look at the network and HUB_GOOGLE_DISCOVERY_URL" in wrong.text) == ("wrong", True)
