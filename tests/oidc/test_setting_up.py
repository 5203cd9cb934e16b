"""Google's settings: which are taken; and what `hub check` says of them, and of organizations' own providers."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from hub.checkup.findings import Finding, Surroundings
from hub.checkup.google import google_sign_in
from hub.checkup.sso import organizations_sign_in
from hub.domain.accounts.models import Organization, SingleSignOn
from hub.domain.ids import OrganizationId
from hub.errors import Misconfigured
from hub.settings import Settings, load
from hub.store import open_store
from hub.store.embedded import Embedded
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


async def test_hub_check_asks_each_organizations_provider(provider: Standing, mongod: Embedded, tmp_path: Path) -> None:
    """A line for each that is switched on: whether it answers; none for others, and no secret."""
    settings = Settings(data_dir=tmp_path, mongo_url=mongod.url, port=0, custom_networks=("loopback",))
    store = await open_store(settings, prefix="sso_check_")
    entry = await store.directory.create_workspace("", "Acme")
    sso = SingleSignOn(
        issuer=provider.issuer("acme"),
        client="hub",
        secret=store.vault.seal("s3cret"),
        domains=["acme.example"],
        on=True,
    )

    def with_sso(found: Organization) -> None:
        found.sso = sso

    async def said() -> list[tuple[str, str]]:
        async with aiohttp.ClientSession() as http:
            findings = await organizations_sign_in(Surroundings(settings, http, store=store))
        assert "s3cret" not in str(findings)
        return [(each.mark, each.text) for each in findings]

    assert await said() == []
    await store.organizations.change(OrganizationId(entry.organization), with_sso)
    await provider.honest("acme")
    assert await said() == [("ok", f"{provider.issuer('acme')} answers.")]
    await provider.tell("acme", lie="html@description")
    ((mark, text),) = await said()
    assert (mark, "/organization sso" in text) == ("wrong", True)
    await store.drop()
    await store.close()
