"""Staff in a local network: plain HTTP explains itself, HTTPS with the authority's certificate lets a phone join."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from event_builders import FARM, master_data
from playwright.sync_api import Browser, expect
from service_process import ServiceProcess, free_port
from staff_world import PHONE, StaffWorld, master_toml

pytestmark = [pytest.mark.browser, pytest.mark.chain]
NAME = "packing-house.localhost"
"""What this machine is called here: browsers look names under `localhost` up nowhere, and find themselves."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("lan")
    running = ServiceProcess(folder / "data")
    secure = free_port()
    running.settings = {"SILKROOT_HTTPS_PORT": str(secure), "SILKROOT_PUBLIC_URL": f"http://{NAME}:{running.port}"}
    try:
        running.start()
        (folder / "master.toml").write_text(master_toml(master_data()), encoding="utf-8")
        running.operate("import", path=str(folder / "master.toml"), dry_run=False)
        running.wait_until_settled()
        yield running
    finally:
        if running.process is not None:
            running.kill()


def test_the_certificate_is_one_of_the_authority_that_plain_http_hands_out(
    service: ServiceProcess, tmp_path: Path
) -> None:
    authority = httpx.get(f"{service.url}/staff/ca.crt")
    assert authority.headers["content-type"] == "application/x-x509-ca-cert"
    context = ssl.create_default_context(cadata=authority.text)
    port = service.settings["SILKROOT_HTTPS_PORT"]
    with httpx.Client(verify=context) as client:
        answer = client.get(f"https://localhost:{port}/staff")
    assert answer.status_code == 303
    with httpx.Client() as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get(f"https://localhost:{port}/staff")


def test_a_phone_in_the_network_is_led_to_https_and_joins_there(browser: Browser, service: ServiceProcess) -> None:
    secure = f"https://{NAME}:{service.settings['SILKROOT_HTTPS_PORT']}"
    plain = f"http://{NAME}:{service.port}"
    world = StaffWorld(service)
    # The authority is not installed in this browser: whether TLS takes its certificates is tested above.
    context = browser.new_context(viewport=PHONE, locale="en", ignore_https_errors=True)
    page = context.new_page()
    answer = page.goto(f"{plain}/staff/sign-in")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("link", name="Load the certificate")).to_have_attribute("href", "/staff/ca.crt")
    page.get_by_role("link", name="Open the protected page").click()
    page.wait_for_url(f"{secure}/staff/sign-in")
    made = world.service.operate("invite", party=f"{FARM:013d}", person="Aygül", role="staff")
    assert made["link"].startswith(f"{secure}/staff/join#")
    page.goto(made["link"])
    page.get_by_role("button", name="Join on this phone").click()
    page.wait_for_url(f"{secure}/staff")
    (session,) = [cookie for cookie in context.cookies() if cookie["name"] == "silkroot-staff"]
    assert session["secure"]
    page.goto(f"{plain}/staff")
    expect(page.locator("h1")).to_contain_text("HTTPS")
    context.close()


def test_the_command_prints_a_link_and_its_code(service: ServiceProcess) -> None:
    party = f"{FARM:013d}"
    said = service.command("invite", party, "--name", "Memet", "--role", "admin")
    link = next(line for line in said.stdout.splitlines() if line.startswith("https://"))
    assert "/staff/join#" in link
    assert "█" in said.stdout
    told = service.ask("invite", party, "--name", "Memet", "--hours", "1")
    assert (told["name"], told["role"]) == ("Memet", "staff")
    refused = service.command("invite", party, "--name", " ", "--role", "staff", check=False)
    assert refused.returncode == 1
    assert "person.name" in refused.stderr
    assert service.command("invite", party, "--name", "X", "--role", "owner", check=False).returncode == 1
