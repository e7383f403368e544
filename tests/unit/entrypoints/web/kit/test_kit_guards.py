"""What no page can leave out: the guards are tried over HTTP, as an attacker on the same machine would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from narrowgate.entrypoints.web.kit.headers import HEADERS
from narrowgate.entrypoints.web.kit.pages import redirect
from narrowgate.entrypoints.web.kit.peer_user import user_of
from support.sample_pages import MOST_BYTES, ServedSample


def form_token(client: httpx.Client) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/").text)
    assert found is not None
    return found[1]


def test_a_link_opens_one_browser_once(served: ServedSample) -> None:
    entered = served.entered()
    assert entered.get("/").status_code == 200
    again = served.stranger.get(served.sample.link.url)
    assert again.status_code == 403
    assert "used already" in again.text
    assert "set-cookie" not in again.headers
    assert served.stranger.get("/").status_code == 403


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_the_token_opens_nothing_as_a_cookie(
    served: ServedSample,
) -> None:
    link = served.sample.link
    cookie = served.stranger.get(link.url).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    token = link.url.partition("token=")[2]
    with httpx.Client(base_url=served.origin, cookies={link.cookie: token}) as other:
        assert other.get("/").status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_wrong_token_opens_nothing_and_does_not_spend_the_link(served: ServedSample, token: str) -> None:
    assert served.stranger.get("/", params={"token": token}).status_code == 403
    assert served.entered().get("/").status_code == 200


def test_every_response_has_every_header_the_failures_included(served: ServedSample) -> None:
    entered = served.entered()
    for client, path in [
        (served.stranger, "/"),
        (entered, "/"),
        (entered, "/none"),
        (entered, "/fails"),
        (entered, "/header"),
        (entered, "/static/none.css"),
        (entered, "/static/theme.css"),
    ]:
        headers = client.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS), path
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store"), path
        assert "server" not in headers
    assert "script" not in HEADERS["Content-Security-Policy"]


def test_an_unknown_failure_is_told_without_its_text(served: ServedSample) -> None:
    failed = served.entered().get("/fails")
    assert failed.status_code == 500
    assert "ValueError" in failed.text
    assert "datum" not in failed.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1"])
def test_a_name_that_was_rebound_to_this_machine_is_refused(served: ServedSample, host: str) -> None:
    assert served.entered().get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_a_form_that_another_site_sends_does_nothing(served: ServedSample, origin: str | None) -> None:
    entered = served.entered()
    headers = {} if origin is None else {"Origin": origin}
    sent = entered.post("/", data={"form_token": form_token(entered), "number": "7"}, headers=headers)
    assert sent.status_code == 403
    assert served.sample.taken == []


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_form_without_the_sessions_token_does_nothing(served: ServedSample, token: str | None) -> None:
    entered = served.entered()
    fields = {"number": "7"} | ({} if token is None else {"form_token": token})
    sent = entered.post("/", data=fields, headers={"Origin": served.origin})
    assert sent.status_code == 400
    assert "not sent from a page of this session" in sent.text
    assert served.sample.taken == []


def test_a_form_of_the_session_is_taken(served: ServedSample) -> None:
    entered = served.entered()
    sent = entered.post(
        "/",
        data={"form_token": form_token(entered), "number": " 7 "},
        files={"cases": ("cases.csv", b"item\n")},
        headers={"Origin": served.origin},
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert served.sample.taken == [("7", b"item\n")]


def test_a_body_that_is_too_long_is_refused_declared_or_not(served: ServedSample) -> None:
    entered = served.entered()
    headers = {"Origin": served.origin}
    much = b"x" * (MOST_BYTES + 1)
    assert entered.post("/", content=much, headers=headers).status_code == 413
    head = b'--x\r\nContent-Disposition: form-data; name="cases"; filename="a"\r\n\r\n'
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    assert entered.post("/", content=iter([head, much, b"\r\n--x--\r\n"]), headers=headers).status_code == 413
    assert served.sample.taken == []


def test_a_damaged_form_is_refused_and_two_files_are_not_taken(served: ServedSample) -> None:
    entered = served.entered()
    headers = {"Origin": served.origin, "Content-Type": "multipart/form-data; boundary=x"}
    assert entered.post("/", content=b"--y\r\n", headers=headers).status_code == 400
    letters = b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n\xff-9\r\n--x--\r\n'
    for charset in ("punycode", "undefined", "utf-16", "cp037"):
        sent_in = {**headers, "Content-Type": f"{headers['Content-Type']}; charset={charset}"}
        refused = entered.post("/", content=letters, headers=sent_in)
        assert (refused.status_code, "not in UTF-8" in refused.text) == (400, True), charset
    two = [("cases", ("a", b"1")), ("more", ("b", b"2"))]
    sent = entered.post(
        "/", files=two, data={"form_token": form_token(entered)}, headers={"Origin": served.origin}
    )
    assert sent.status_code == 400
    assert served.sample.taken == []


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "http://evil.example", "", "/a\r\nSet-Cookie: b", "javascript:1"],
)
def test_no_redirect_leads_elsewhere(path: str) -> None:
    with pytest.raises(ValueError, match="same application"):
        redirect(path)


def test_nothing_of_an_address_or_a_header_comes_back_as_a_header(served: ServedSample) -> None:
    entered = served.entered()
    known = {*HEADERS, "cache-control", "content-type", "content-length", "date", "location", "vary"}
    names = {name.lower() for name in known} | {"last-modified", "etag", "accept-ranges", "allow"}
    broken = "%0d%0aX-Smuggled:%20a"
    for path in (f"/{broken}", f"/?token={broken}", f"/static/{broken}", f"/header?a={broken}"):
        answered = entered.get(
            path, headers={"Referer": "https://evil.example", "X-Forwarded-Host": "evil.example"}
        )
        assert {name.lower() for name in answered.headers} <= names
        assert "evil.example" not in str(answered.headers)


@pytest.mark.parametrize(
    "path", ["/static/../pages.py", "/static/%2e%2e/kit/pages.py", "/static//etc/passwd"]
)
def test_nothing_but_the_static_files_is_served_below_static(served: ServedSample, path: str) -> None:
    assert served.entered().get(path).status_code == 404


_AS_ANOTHER = """
import os, socket, sys
port, path = int(sys.argv[1]), sys.argv[2]
"127.0.0.1".encode("idna")  # what is imported for it, another user may not be able to read
os.setgid(65534)
os.setuid(65534)
with socket.create_connection(("127.0.0.1", port)) as end:
    end.sendall(f"GET {path} HTTP/1.0\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n".encode())
    print(end.makefile("rb").read().decode())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="NOT CHECKED: only root can become another user")
def test_another_user_of_the_machine_is_refused_with_the_very_link_and_does_not_spend_it(
    served: ServedSample,
) -> None:
    port, path = served.origin.rpartition(":")[2], served.sample.link.url.removeprefix(served.origin)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _AS_ANOTHER, port, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("HTTP/1.1 403")
    assert "another user" in done.stdout
    assert served.entered().get("/").status_code == 200


def test_the_owner_of_a_socket_is_read_from_the_kernels_table() -> None:
    table = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:21C2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n"
        "   1: 0100007F:D431 0100007F:21C2 01 00000000:00000000 00:00000000 00000000  1001        0 2\n"
    )
    assert user_of(table, ("127.0.0.1", 54321), ("127.0.0.1", 8642)) == 1001
    assert user_of(table, ("127.0.0.1", 54322), ("127.0.0.1", 8642)) is None


def test_a_port_that_is_taken_is_told(served: ServedSample) -> None:
    from narrowgate.core.base.errors import OperationalError
    from narrowgate.entrypoints.web.kit.serve import listening

    with pytest.raises(OperationalError, match="cannot be used"):
        listening(int(served.origin.rpartition(":")[2]))


def test_the_kit_itself_holds_no_script_and_no_style_within_a_page() -> None:
    web = Path(sys.modules["narrowgate.entrypoints.web.kit.pages"].__file__ or "").parents[1]
    templates = sorted(web.rglob("*.html"))
    assert templates
    for template in templates:
        assert not re.search(
            r"<script|\bstyle=|\bon\w+=|javascript:|\| *safe\b", template.read_text(encoding="utf-8")
        ), template.name
