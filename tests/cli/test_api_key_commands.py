"""`silkroot key`: what it prints once, what it lists, how a key ends."""

from __future__ import annotations

from command_desk import FARM, Run


def test_a_key_is_shown_once_listed_and_revoked(run: Run) -> None:
    made = run("key", "create", FARM, "--name", "scanner 7", "--expires", "30", "--json").json
    token = made["key"]
    assert token == f"silkroot_{made['id']}_{token[-64:]}"
    (listed,) = run("key", "list", "--json").json["keys"]
    assert listed["id"] == made["id"]
    assert listed["valid"] is True
    assert (listed["party"], listed["name"], listed["actions"]) == (FARM, "scanner 7", ["capture"])
    assert listed["expiresAt"] - listed["createdAt"] == 30 * 86_400
    assert token[-64:] not in run("key", "list", FARM, "--json").out
    assert run("key", "revoke", made["id"]).code == 0
    assert run("key", "list", "--json").json["keys"][0]["valid"] is False
    assert run("key", "revoke", made["id"]).code == 2


def test_a_key_stands_alone_on_standard_output(run: Run) -> None:
    said = run("key", "create", FARM, "--actions", "capture,read-jobs")
    assert said.out.strip().startswith("silkroot_")
    assert len(said.out.split()) == 1
    assert "once" in said.err
    assert "never used" in run("key", "list").out


def test_what_a_key_cannot_be_good_for(run: Run) -> None:
    said = run("key", "create", FARM, "--actions", "everything")
    assert said.code == 1
    assert "key.action" in said.err
