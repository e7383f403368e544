"""Console and inspector's site with mutual TLS: who is let in, what a session can do, and what an attacker cannot."""

from __future__ import annotations

import re
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from narrowgate.adapters.signing.certificates import load_certificates, public_key_sha256
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.pages_settings import read_pages_settings
from narrowgate.entrypoints.web.kit.headers import HEADERS
from support.browser import Browser, require_accessible
from support.command_line import CommandLine
from support.pages_network import PagesNetwork, pages_files, pages_network
from support.sandbox_acts import commanded


@pytest.fixture(scope="module")
def world(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a world that this module changes."""
    home = tmp_path_factory.mktemp("network")
    shutil.copytree(made / "world", home / "world")
    pages_files(home / "tls")
    return home


@pytest.fixture(scope="module")
def console(world: Path) -> Iterator[PagesNetwork]:
    with pages_network(
        world / "tls" / "pages.toml", world, "serve", "console", "--config", "world"
    ) as running:
        yield running


def form_token(client: httpx.Client) -> str:
    found = re.search(r'name="form_token" value="(\w{64})"', client.get("/holds").text)
    assert found is not None
    return found[1]


def test_without_a_certificate_or_with_one_that_does_not_hold_there_is_no_connection(
    console: PagesNetwork,
) -> None:
    bare = ssl.create_default_context(cafile=str(console.home / "root.pem"))
    with pytest.raises(httpx.TransportError), httpx.Client(verify=bare, trust_env=False) as client:
        client.get(console.origin)
    for name in ("stranger", "expired"):
        with pytest.raises(httpx.TransportError), console.client(name) as client:
            client.get("/")


@pytest.mark.parametrize(
    ("name", "why"),
    [("unbound", "bound to no person"), ("revoked", "revo"), ("card", "signing certificate")],
)
def test_a_certificate_that_is_not_bound_or_revoked_or_for_signatures_opens_no_page(
    console: PagesNetwork, name: str, why: str
) -> None:
    with console.client(name) as client:
        for answered in (client.get("/"), client.get("/static/theme.css"), client.post("/holds/place")):
            assert answered.status_code == 403
            assert why in answered.text
            assert "form_token" not in answered.text


def test_every_answer_has_every_header_and_there_is_no_cookie_to_steal(console: PagesNetwork) -> None:
    with console.client("operator-1") as client, console.client("unbound") as refused:
        for answered in (client.get("/acts"), client.get("/none"), refused.get("/")):
            assert {name: answered.headers.get(name) for name in HEADERS} == dict(HEADERS)
            assert answered.headers["cache-control"] == "no-store"
            assert answered.headers["strict-transport-security"] == "max-age=31536000"
            assert "set-cookie" not in answered.headers
        assert "You are here with the certificate of operator-1." in client.get("/acts").text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "console.example.evil.example:1"])
def test_a_name_that_the_settings_do_not_know_is_refused(console: PagesNetwork, host: str) -> None:
    with console.client("custody-1") as client:
        assert client.get("/acts", headers={"Host": host}).status_code == 403


def test_the_pages_of_one_name_take_no_form_from_those_of_another(console: PagesNetwork) -> None:
    port = console.origin.rpartition(":")[2]
    with console.client("custody-1") as client:
        token = form_token(client)
        for host, origin in [
            (f"console.example:{port}", console.origin),
            (f"127.0.0.1:{port}", "https://evil.example"),
            (f"127.0.0.1:{port}", "null"),
            (f"127.0.0.1:{port}", console.origin.replace("https", "http")),
        ]:
            headers = {"Host": host, "Origin": origin}
            data = {"form_token": token, "scope": "all", "reason": "a"}
            assert client.post("/holds/place", data=data, headers=headers).status_code == 403
        assert client.get("/acts", headers={"Host": f"console.example:{port}"}).status_code == 200


def test_a_form_holds_the_token_of_its_own_certificate(console: PagesNetwork) -> None:
    with console.client("custody-1") as one, console.client("custody-2") as two:
        stolen = form_token(two)
        for token in ("", "0" * 64, stolen):
            for path in ("/holds/place", "/holds/lift", "/acts/99/sign", "/acts/99/apply"):
                answered = one.post(path, data={"form_token": token, "scope": "all", "reason": "a"})
                assert (answered.status_code, "not sent from a page" in answered.text) == (400, True)
        assert "No hold is in force" in one.get("/holds").text


CROOKED = {
    "two framings": b"POST /holds/place HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /acts HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "two hosts": b"GET /acts HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n",
    "forwarded": b"GET /acts HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: HOST\r\n\r\n",
    "absolute": b"GET https://evil.example/acts HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "double slash": b"GET //evil.example/..%2facts HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "static": b"GET /static/..%2f..%2fkit%2fpages.py HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "upgrade": b"GET /acts HTTP/1.1\r\nHost: HOST\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "bare CR": b"GET /acts HTTP/1.1\r\nHost: HOST\r\nX: a\rb\r\n\r\n",
}


@pytest.mark.parametrize("request_", CROOKED.values(), ids=list(CROOKED))
def test_a_crooked_request_gets_one_refusal_and_leads_nowhere(console: PagesNetwork, request_: bytes) -> None:
    host = console.origin.removeprefix("https://").encode()
    answer = console.answer_to("custody-1", request_.replace(b"HOST", host))
    assert len(re.findall(rb"HTTP/1\.1 \d", answer)) == 1, "what is smuggled in behind it is not answered"
    assert re.match(rb"HTTP/1\.1 4(00|03|04) ", answer), answer[:80]
    assert b"location:" not in answer.lower()


def test_an_officer_signs_with_the_own_card_and_hands_the_signature_in(
    console: PagesNetwork, world: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)

    def signed(page: httpx.Client, act: str, officer: int) -> bytes:
        """What an officer makes of what the page gives, on another machine."""
        away = world / f"officer-{officer}"
        away.mkdir()
        for kind in ("json", "txt"):
            (away / f"act.{kind}").write_bytes(page.get(f"{act}/act.{kind}").content)
        key = world / "world" / "keys" / f"custody-{officer}"
        done = narrowgate(
            "act", "sign-file", away / "act.json", "--shown", away / "act.txt", "--yes",
            "--key", f"{key}.key.pem", "--certificate", f"{key}.pem",
        )  # fmt: skip
        assert done.code == 0, done.err
        return (away / "act.json.p7s").read_bytes()

    with console.client("custody-1") as one, console.client("operator-1") as operator:
        sent = {"form_token": form_token(one), "scope": "all", "reason": "complaint 17"}
        looked = operator.post("/holds/place", data=sent | {"form_token": form_token(operator)})
        assert (looked.status_code, "no custody officer" in looked.text) == (422, True)
        act = one.post("/holds/place", data=sent).headers["location"]
        key = str(world / "world/keys/custody-1.key.pem")
        named = one.post(f"{act}/sign", data=sent | {"key": key, "certificate": "/etc/passwd", "read": "yes"})
        assert (named.status_code, "Choose the signature" in named.text) == (400, True)
        other = {"signature": ("a.p7s", signed(one, act, 2))}
        refused = one.post(f"{act}/sign", data=sent, files=other)
        assert (refused.status_code, "is of custody-2" in refused.text) == (422, True)
        own = {"signature": ("../../a.p7s", signed(one, act, 1))}
        assert one.post(f"{act}/sign", data=sent, files=own).headers["location"] == "/acts"
        assert "all" in narrowgate("release", "status", "--config", "world").out.partition("in force: ")[2]

        lift = one.post("/holds/lift", data=sent | {"lifted": "all", "lift_reason": "settled"})
        act = lift.headers["location"]
        shutil.rmtree(world / "officer-1")
        shutil.rmtree(world / "officer-2")
        files = {"signature": ("a.p7s", signed(one, act, 1))}
        stale = signed(one, act, 2)
        assert one.post(f"{act}/sign", data=sent, files=files).headers["location"] == act
        (world / "stale.p7s").write_bytes(stale)
        number = act.rpartition("/")[2]
        told = narrowgate("act", "take-signature", number, world / "stale.p7s", "--config", "world")
        assert (told.code, "shown another text" in told.err) == (12, True)
        assert one.post(f"{act}/apply", data=sent).status_code == 422
        shutil.rmtree(world / "officer-2")
        (world / "second.p7s").write_bytes(signed(one, act, 2))
        told = narrowgate("act", "take-signature", number, world / "second.p7s", "--config", "world")
        assert told.code == 0, told.err
        assert one.post(f"{act}/apply", data=sent).headers["location"] == "/acts"
        assert "No hold is in force" in one.get("/holds").text


def test_an_officer_finds_the_way_in_a_browser(console: PagesNetwork, browser: Browser) -> None:
    shown = {
        "origin": console.origin,
        "certPath": console.home / "custody-2.pem",
        "keyPath": console.home / "custody-2.key.pem",
    }
    with browser.page(client_certificates=[shown], ignore_https_errors=True) as page:
        page.goto(f"{console.origin}/holds")
        page.get_by_label("Reason").fill("complaint 18")
        page.get_by_role("button", name="Draw up the hold").click()
        page.get_by_role("heading", name="Sign it where your card is").wait_for()
        require_accessible(page)
        page.get_by_role("button", name="Hand the signature in").click()
        page.get_by_role("alert").get_by_role("link", name="Choose the signature").wait_for()


@pytest.mark.parametrize("lost", ["tls/custody-2", "world/keys/custody-2"])
def test_an_officer_whose_key_an_act_revoked_looks_and_changes_nothing(
    lost: str, made: Path, tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thief has client certificate and card, and would draw up acts in the officer's name."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "world", tmp_path / "world")
    key = public_key_sha256(load_certificates(pages_files(tmp_path / "tls").parent.parent / f"{lost}.pem")[0])
    serve = ("serve", "console", "--config", "world")
    with (
        pages_network(tmp_path / "tls" / "pages.toml", tmp_path, *serve) as console,
        console.client("custody-1") as other,
        console.client("custody-2") as thief,
    ):
        sent = {"scope": "all", "reason": "stolen", "form_token": form_token(thief)}
        assert commanded(narrowgate, Kind.KEY_REVOKED, key).code == 0
        for path in ("/holds/place", "/holds/lift", "/acts/99/sign", "/acts/99/apply"):
            refused = thief.post(path, data=sent | {"lifted": "all", "lift_reason": "settled"})
            assert (refused.status_code, "revoked the key of custody-2" in refused.text) == (422, True), path
        assert thief.get("/holds").status_code == 200
        sent["form_token"] = form_token(other)
        assert other.post("/holds/place", data=sent).status_code == 303


def test_an_inspector_reads_the_site_over_a_network_and_nobody_else_does(world: Path) -> None:
    key = "world/log/log.vkey"
    with (
        pages_network(
            world / "tls" / "pages.toml", world, "serve", "inspect", "world", "--key", key
        ) as running,
        running.client("operator-1") as inspector,
        running.client("unbound") as other,
    ):
        assert "What this source proves" in inspector.get("/").text
        assert inspector.get("/entries/0").status_code == 200
        assert inspector.post("/entries/0").status_code == 405
        assert inspector.get("/entries", headers={"Host": "evil.example"}).status_code == 403
        assert other.get("/entries/0").status_code == 403


def test_settings_that_would_let_in_more_than_they_say_are_refused(
    world: Path, tmp_path: Path, narrowgate: CommandLine
) -> None:
    good = (world / "tls" / "pages.toml").read_text(encoding="utf-8")
    path = tmp_path / "pages.toml"
    for old, new, why in [
        ('revocation = "revocation"\n', "", "a stolen certificate goes on working"),
        ("names =", "nams =", "'nams' is unknown; 'names' is missing"),
        ('"console.example"', '"*.example"', "'names' is not a list of host names"),
        ('person = "custody-2"', 'person = ""', "does not name one 'person'"),
        ("127.0.0.1:0", "127.0.0.1", "not an address and a port"),
        (good[: good.index("[[client]]")], "", "is missing"),
    ]:
        path.write_text(good.replace(old, new), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=re.escape(why)):
            read_pages_settings(path)
    told = narrowgate("serve", "console", "--config", world / "world", "--pages", path)
    assert (told.code, "narrowgate docs pages-settings" in told.err) == (4, True)
    path.write_text(good, encoding="utf-8")
    told = narrowgate("serve", "inspect", world / "world", "--pages", path, "--port", "1")
    assert (told.code, "--port is for 127.0.0.1" in told.err) == (2, True)
