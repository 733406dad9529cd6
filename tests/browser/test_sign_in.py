"""Who can see the pages."""

from __future__ import annotations

import hashlib
import hmac
import html
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Page, expect

from lab.standins.stack import Stack
from tests.browser import seeded
from tests.browser.conftest import Open, begins, look
from tests.standins import Answer, receiver
from twilio_binding.sandbox.service_process import ServiceProcess

_TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with an admin token, and nothing to connect to."""
    settings = {"ADMIN__TOKEN": _TOKEN, "OPENHAB__URL": "http://127.0.0.1:9", "MQTT__URL": "mqtt://127.0.0.1:9"}
    with ServiceProcess(tmp_path_factory.mktemp("locked"), settings) as up:
        yield up


def _ask(
    url: str, path: str = "/", *, method: str = "GET", body: str = "", **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def _sign_in(page: Page, token: str) -> None:
    page.get_by_label("Token").fill(token)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def test_sign_in(service: ServiceProcess, open_page: Open) -> None:
    """A wrong token is refused, the right one leads to the wanted page, and signing out ends the session."""
    page = open_page(f"{service.admin_url}/?here=1")
    assert urlsplit(page.url).path == "/sign-in"
    look(page, "sign-in")
    _sign_in(page, "something else")
    expect(page.get_by_role("alert")).to_have_text(begins("The token is wrong."), use_inner_text=True)
    look(page, "sign-in-wrong")
    _sign_in(page, f" {_TOKEN} ")
    assert page.url == f"{service.admin_url}/?here=1"
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    assert _TOKEN not in cookie["value"]
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    page.goto(f"{service.admin_url}/")
    assert urlsplit(page.url).path == "/sign-in"


@pytest.mark.parametrize("script", [True, False])
def test_session_ends_while_somebody_types(service: ServiceProcess, open_page: Open, *, script: bool) -> None:
    """Whoever has to sign in before a form is sent comes back to its page, with what they had typed, and is told so."""
    page = open_page(f"{service.admin_url}/try?numbers=shown", java_script_enabled=script)
    _sign_in(page, _TOKEN)
    form = page.get_by_role("region", name="Send as a rule would")
    form.get_by_label("To", exact=True).fill("+15557654321")
    form.get_by_label("Text", exact=True).fill("A long <b>story</b>\nof two lines")
    form.get_by_label("Call that says the text").check()
    page.context.clear_cookies()
    form.get_by_role("button", name="Check").click()
    page.get_by_label("Token").wait_for()
    _sign_in(page, "something else")
    page.get_by_role("alert").wait_for()
    _sign_in(page, _TOKEN)
    form.get_by_role("status").get_by_text("this was not sent yet").wait_for()
    assert page.url == f"{service.admin_url}/try?numbers=shown"
    expect(form.get_by_label("To", exact=True)).to_have_value("+15557654321")
    expect(form.get_by_label("Text", exact=True)).to_have_value("A long <b>story</b>\nof two lines")
    expect(form.get_by_label("Call that says the text")).to_be_checked()
    if script:
        look(page, "try-signed-in-again")
    page.goto(f"{service.admin_url}/try")
    assert form.get_by_label("Text", exact=True).input_value() == "" and not form.get_by_role("status").count()
    assert not script or page.evaluate("sessionStorage.length") == 0


def test_signed_in_again_elsewhere(service: ServiceProcess, open_page: Open) -> None:
    """A form of an earlier session is not carried out: its page shows it again, as it was, and sends it at the next try."""
    page = open_page(f"{service.admin_url}/try", java_script_enabled=False)
    _sign_in(page, _TOKEN)
    page.get_by_label("To", exact=True).fill("+15557654321")
    page.get_by_label("Text", exact=True).fill("\n\u202eTwo\nlines \U0001f600 </textarea><b>")
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(f"{service.admin_url}/commands")
    _sign_in(other, _TOKEN)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("status").get_by_text("so this was not sent yet").wait_for()
    assert page.url == f"{service.admin_url}/try"
    expect(page.get_by_label("Text", exact=True)).to_have_value("\n\u202eTwo\nlines \U0001f600 </textarea><b>")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_have_text("unknown phone", use_inner_text=True)  # that is, it was checked


def test_signed_in_elsewhere_before_the_token(service: ServiceProcess, open_page: Open) -> None:
    """The page to sign in gives back what was typed, also if another tab has signed in meanwhile, or its cookie is gone."""
    for is_in in (True, False):
        page = open_page(f"{service.admin_url}/try", java_script_enabled=False)
        _sign_in(page, _TOKEN)
        page.get_by_label("To", exact=True).fill("+15557654321")
        page.get_by_label("Text", exact=True).fill("Still here")
        page.context.clear_cookies()
        page.get_by_role("button", name="Check").click()
        page.get_by_text("so this was not sent yet").wait_for()
        page.context.clear_cookies()
        if is_in:
            other = page.context.new_page()
            other.goto(f"{service.admin_url}/")
            _sign_in(other, _TOKEN)
        _sign_in(page, _TOKEN)
        page.get_by_role("status").get_by_text("so this was not sent yet").wait_for()
        expect(page.get_by_label("Text", exact=True)).to_have_value("Still here")


def test_button_of_an_ended_session(service: ServiceProcess, open_page: Open) -> None:
    """Who presses a button after the session has ended is told that nothing was done, by the page to sign in or the page itself."""
    told = "so nothing was done. Please do it again."
    page = open_page(f"{service.admin_url}/doctor")
    _sign_in(page, _TOKEN)
    page.context.clear_cookies()
    page.get_by_role("button", name="Test now").click()
    page.get_by_role("status").get_by_text(told).wait_for()
    page.context.clear_cookies()
    page.goto(f"{service.admin_url}/doctor")
    _sign_in(page, _TOKEN)
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(f"{service.admin_url}/")
    _sign_in(other, _TOKEN)
    page.get_by_role("button", name="Test now").click()
    page.get_by_role("status").get_by_text(told).wait_for()
    expect(page.get_by_text("Nothing has been tested")).to_be_visible()


def test_text_of_an_ended_session_is_for_its_browser(service: ServiceProcess) -> None:
    """What was typed is on the page to sign in, and then on the page of the form, once; no other session sees it."""
    origin = {"Origin": service.admin_url, "Referer": f"{service.admin_url}/try"}
    body = urlencode({"csrf": "x", "text": "mine <b>&\r\nalone", "to": "+15557654321"})
    asked, content = _ask(service.admin_url, "/try/send", method="POST", body=body, **origin)
    assert asked.status == 401 and b"mine &lt;b&gt;&amp;" in content
    unsent = html.unescape(content.decode().split('name="unsent" value="')[1].split('"')[0])
    cookie = str(asked.getheader("Set-Cookie")).partition(";")[0]
    for token, status in (("wrong", 401), (_TOKEN, 303)):
        form = urlencode({"csrf": _csrf(content), "token": token, "next": "/try", "unsent": unsent})
        entered, content = _ask(service.admin_url, "/sign-in", method="POST", body=form, Cookie=cookie, **origin)
        assert entered.status == status
    cookie = str(entered.getheader("Set-Cookie")).partition(";")[0]
    assert b"mine" not in _ask(service.admin_url, "/try", Cookie=_signed_in(service))[1]
    assert b"mine" not in _ask(service.admin_url, "/commands", Cookie=cookie)[1]
    # Another tab with the same page, which renews itself, does not take it.
    assert b"mine" not in _ask(service.admin_url, "/try", Cookie=cookie, X_Renewal="1")[1]
    assert b"mine &lt;b&gt;&amp;" in _ask(service.admin_url, "/try", Cookie=cookie)[1]
    assert b"mine" not in _ask(service.admin_url, "/try", Cookie=cookie)[1]


def test_large_picture_of_an_ended_session(service: ServiceProcess) -> None:
    """What was typed beside a large picture stays, and the page says that the picture has to be chosen again."""
    origin = {"Origin": service.admin_url, "Referer": f"{service.admin_url}/try"}
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    fields = ("csrf", "", "x"), ("from", "", "+15557654321"), ("text", "", "The sun\r\n<b>today</b>")
    parts = [*fields, ("picture", '; filename="my <sun>.jpg"', "x" * 4_000_000), ("write", "", "1")]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n' for name, more, value in parts
    )
    asked, content = _ask(service.admin_url, "/try/phone", method="POST", body=f"{body}--x--\r\n", **origin, **kind)
    assert asked.status == 401 and len(content) < 20_000
    unsent = html.unescape(content.decode().split('name="unsent" value="')[1].split('"')[0])
    cookie = str(asked.getheader("Set-Cookie")).partition(";")[0]
    form = urlencode({"csrf": _csrf(content), "token": _TOKEN, "next": "/try", "unsent": unsent})
    entered, _ = _ask(service.admin_url, "/sign-in", method="POST", body=form, Cookie=cookie, **origin)
    cookie = str(entered.getheader("Set-Cookie")).partition(";")[0]
    shown = html.unescape(_ask(service.admin_url, "/try", Cookie=cookie)[1].decode())
    assert 'value="+15557654321"' in shown and "The sun\n<b>today</b></textarea>" in shown.replace("\r\n", "\n")
    assert "Choose the picture again: <bdi>my <sun>.jpg</bdi>" in shown


@pytest.mark.parametrize(
    "unsent", ["", "x", "[]", "[1, 2]", '["/try", []]', "[" * 70_000, '["/try/send", {"text": [1]}]']
)
def test_odd_forms_to_keep(service: ServiceProcess, unsent: str) -> None:
    """Whatever the page to sign in holds of a form, signing in works."""
    answer, content = _ask(service.admin_url, "/sign-in")
    cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
    body = urlencode({"csrf": _csrf(content), "token": _TOKEN, "unsent": unsent})
    assert _ask(service.admin_url, "/sign-in", method="POST", body=body, Cookie=cookie)[0].status == 303


@pytest.mark.parametrize(
    ("referrer", "wanted"),
    [
        ("http://{host}/conversations/7?numbers=shown", "/conversations/7?numbers=shown"),
        ("https://{host}/waiting", "/waiting"),
        ("http://evil.example.com/waiting", "/"),
        ("http://{host}.evil.com/waiting", "/"),
        ("http://{host}@evil.com/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_back_to_the_page_of_a_form(service: ServiceProcess, referrer: str, wanted: str) -> None:
    """After signing in, one comes back to the page with the form; an address of others is ignored."""
    host = urlsplit(service.admin_url).netloc
    referrer = referrer.replace("{host}", host)
    answer, _ = _ask(service.admin_url, "/conversations/7", method="POST", body="text=x", Referer=referrer)
    assert parse_qs(urlsplit(answer.getheader("Location") or "").query) == {"next": [wanted]}


def test_cookies(service: ServiceProcess) -> None:
    """While the session is young, answers send no cookie that could overwrite that of another answer."""
    opened, _ = _ask(service.admin_url, "/waiting", Cookie=_signed_in(service))
    assert (opened.status, opened.getheader("Set-Cookie")) == (200, None)


def test_a_cookie_that_somebody_kept(service: ServiceProcess) -> None:
    """A cookie that was signed out does not work again, even after a restart; that of another browser does."""
    cookies = [_signed_in(service), _signed_in(service)]
    assert _sign_out(service, cookies[0]).status == 303
    service.stop()
    service.start()
    found = [_ask(service.admin_url, "/waiting", Cookie=cookie)[0].status for cookie in cookies]
    assert found == [303, 200]


def test_an_old_cookie_that_was_signed_out(service: ServiceProcess) -> None:
    """A session in use is extended; a cookie that was signed out is not, by any public page."""
    cookie = _aged(service, _signed_in(service))
    prolonged = _ask(service.admin_url, "/static/console.css", Cookie=cookie)[0].getheader("Set-Cookie")
    assert prolonged is not None
    assert "Max-Age=0" in _sign_out(service, cookie).getheader("Set-Cookie", "")
    for kept in (cookie, prolonged.partition(";")[0]):
        answer, _ = _ask(service.admin_url, "/static/console.css", Cookie=kept)
        assert (answer.status, answer.getheader("Set-Cookie")) == (200, None)
    assert _ask(service.admin_url, "/waiting", Cookie=prolonged.partition(";")[0])[0].status == 303


def _aged(service: ServiceProcess, cookie: str) -> str:
    """The cookie as if it was last extended two hours ago."""
    relay = (service.log.parent / "data" / "relay-secret").read_bytes()
    signer = Flask(__name__)
    secret = hmac.digest(relay, b"console", hashlib.sha256)
    signer.secret_key = hmac.digest(secret, f"console {_TOKEN}".encode(), hashlib.sha256)
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert serializer is not None
    name, _, value = cookie.partition("=")
    session = serializer.loads(value)
    return f"{name}={serializer.dumps(session | {'since': session['since'] - 7200})}"


def _sign_out(service: ServiceProcess, cookie: str) -> HTTPResponse:
    """The answer to signing out with a cookie."""
    _, content = _ask(service.admin_url, "/waiting", Cookie=cookie)
    body = urlencode({"csrf": _csrf(content)})
    return _ask(service.admin_url, "/sign-out", method="POST", body=body, Cookie=cookie)[0]


def _csrf(content: bytes) -> str:
    """The secret of the forms of a page."""
    return content.decode().split('name="csrf" value="')[1].split('"')[0]


def _signed_in(service: ServiceProcess) -> str:
    """The cookie of a new session."""
    answer, content = _ask(service.admin_url, "/sign-in")
    cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
    body = urlencode({"csrf": _csrf(content), "token": _TOKEN})
    entered, _ = _ask(service.admin_url, "/sign-in", method="POST", body=body, Cookie=cookie)
    cookie = str(entered.getheader("Set-Cookie")).partition(";")[0]
    opened, _ = _ask(service.admin_url, "/waiting", Cookie=cookie)  # it makes the secret of the forms
    return str(opened.getheader("Set-Cookie")).partition(";")[0]


def test_another_service_on_this_machine(service: ServiceProcess, tmp_path: Path, open_page: Open) -> None:
    """Whoever uses the consoles of two services on one machine, such as a sandbox beside their own, stays signed in at both."""
    with ServiceProcess(tmp_path, seeded.NOBODY | {"ADMIN__TOKEN": _TOKEN}) as other:
        page = open_page(f"{service.admin_url}/alarms")
        _sign_in(page, _TOKEN)
        second = page.context.new_page()
        second.goto(f"{other.admin_url}/alarms")
        _sign_in(second, _TOKEN)
        for one in (page, second):
            one.reload()
            expect(one.get_by_role("heading", name="Alarms")).to_be_visible()


def test_without_javascript(service: ServiceProcess, open_page: Open) -> None:
    """Signing in works without JavaScript."""
    page = open_page(f"{service.admin_url}/", java_script_enabled=False)
    _sign_in(page, _TOKEN)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_keyboard(service: ServiceProcess, open_page: Open) -> None:
    """Signing in works without a mouse; the first key skips the navigation."""
    page = open_page(f"{service.admin_url}/")
    page.keyboard.type(_TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Overview").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"


def test_monitoring_stays(service: ServiceProcess) -> None:
    """`/live` is public, `/ready` and `/metrics` need the Bearer token, under any name."""
    assert _ask(service.admin_url, "/live", Host="anything.example.com")[0].status == 200
    for path in ("/ready", "/metrics"):
        assert _ask(service.admin_url, path)[0].status == 401
        assert _ask(service.admin_url, path, Authorization=f"Bearer {_TOKEN}")[0].status in (200, 503)


@pytest.mark.parametrize("wanted", ["//evil.example.com", "/\\evil.example.com", "https://evil.example.com", "/a\n"])
def test_leads_nowhere_else(service: ServiceProcess, open_page: Open, wanted: str) -> None:
    """The sign-in page cannot redirect to another site."""
    page = open_page(f"{service.admin_url}/sign-in?{urlencode({'next': wanted})}")
    _sign_in(page, _TOKEN)
    assert page.url == f"{service.admin_url}/"


def test_link_of_another_site(service: ServiceProcess, open_page: Open) -> None:
    """Whoever follows a link of another site to the console stays signed in, there and on pages that are open."""
    page = open_page(f"{service.admin_url}/alarms")
    _sign_in(page, _TOKEN)
    with receiver() as other_site:
        link = f"<a href='{service.admin_url}/calls?numbers=shown'>calls</a>"
        other_site.answer("/", Answer(body=link, content_type="text/html"))
        other = page.context.new_page()
        other.goto(f"{other_site.url}/".replace("127.0.0.1", "localhost"))
        other.get_by_role("link").click()
        other.get_by_role("heading", name="Calls").wait_for()
    assert other.url == f"{service.admin_url}/calls?numbers=shown"
    page.reload()
    expect(page.get_by_role("heading", name="Alarms")).to_be_visible()


def test_page_that_is_signed_out(service: ServiceProcess, open_page: Open) -> None:
    """A page that is signed out in another tab says that it is not up to date; signed in again, it is."""
    page = open_page(f"{service.admin_url}/alarms")
    _sign_in(page, _TOKEN)
    other = page.context.new_page()
    other.goto(f"{service.admin_url}/calls")
    with page.expect_response(lambda answer: "/changes" in answer.url or "/sign-in" in answer.url):
        page.reload()
    other.get_by_role("button", name="Sign out").click()
    page.get_by_text("This page is not up to date").wait_for()
    _sign_in(other, _TOKEN)
    _sign_out(service, _signed_in(service))  # so that something changes
    page.get_by_text("This page is not up to date").wait_for(state="hidden")


def test_guessing(service: ServiceProcess) -> None:
    """After a few wrong tokens there is a pause, in which even the right one is not checked."""
    answer, content = _ask(service.admin_url, "/sign-in")
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    csrf = _csrf(content)

    def guess(token: str) -> HTTPResponse:
        body = urlencode({"csrf": csrf, "token": token})
        return _ask(service.admin_url, "/sign-in", method="POST", body=body, Cookie=cookie)[0]

    statuses = [guess(f"guess {n}").status for n in range(6)]
    assert statuses[-1] == 429
    late = guess(_TOKEN)
    assert late.status == 429 and 0 < int(late.getheader("Retry-After") or 0) <= 60


def test_other_names(home: Stack) -> None:
    """A host name that others may own is refused, with what to do; addresses and plain names are not."""
    url = home.service.admin_url
    port = urlsplit(url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "192.168.1.5", "openhabian", ""):
        assert _ask(url, Host=host)[0].status == 200, host
    for host in ("evil.example.com", f"127.0.0.1.evil.com:{port}", "localhost.evil.com", "evil.com."):
        answer, content = _ask(url, Host=host)
        assert answer.status == 421 and b"[admin] hosts" in content, host
    for host in (f"127.0.0.1:{port}@evil.com", f"localhost:{port}:evil.com", "a b", "evil\tcom", "localhost/evil.com"):
        assert _ask(url, Host=host)[0].status == 421, host
    for host in ("..", "a..b", "a" * 64, f"{'a' * 3000}.com"):
        for path in ("/", "/static/console.css", "/no/such/page"):
            answer, content = _ask(url, path, Host=host)
            assert answer.status == 421 and b"invalid host name" in content, (host, path)


def test_forms_of_others(home: Stack) -> None:
    """A form needs the session's secret, and must not come from another origin."""
    url = home.service.admin_url
    host = urlsplit(url).netloc
    assert _ask(url, "/sign-out", method="POST")[0].status == 400
    assert _ask(url, "/sign-out", method="POST", body="csrf=")[0].status == 400
    assert _ask(url, "/sign-out", method="POST", body="csrf=x", Cookie="twilio_console=x")[0].status == 400
    assert _ask(url, "/sign-out", method="POST", Origin="http://evil.example.com")[0].status == 403
    assert _ask(url, "/sign-out", method="POST", Origin="null")[0].status == 403
    for origin in ("http://[", "http://]:[", f"http://{host}@evil.example.com", "//", "x" * 3000):
        assert _ask(url, "/sign-out", method="POST", Origin=origin)[0].status == 403, origin
    assert _ask(url, "/sign-out", method="POST", Origin=f"http://{host}", Sec_Fetch_Site="same-site")[0].status == 403


def test_forms_of_strangers(service: ServiceProcess) -> None:
    """Without a session, any form leads to the sign-in page, and nothing of it is read."""
    for path in ("/try/phone", "/try/send", "/alarms/x/end", "/doctor", "/waiting/openhab/1/retry"):
        answer, _ = _ask(service.admin_url, path, method="POST", body="csrf=x")
        assert answer.status == 303 and (answer.getheader("Location") or "").startswith("/sign-in"), path
    foreign = {"Origin": "http://evil.example.com", "Referer": f"{service.admin_url}/try"}
    answer, content = _ask(service.admin_url, "/try/send", method="POST", body="csrf=x&text=theirs", **foreign)
    assert answer.status == 303 and b"theirs" not in content
    for path in ("/changes", "/plots/texts-day.svg", "/pictures/1/0", "/conversations"):
        assert _ask(service.admin_url, path)[0].status == 303, path


def test_proxy_that_drops_the_port(home: Stack) -> None:
    """If a reverse proxy drops the port from the host name, the refusal of a form says what it has to pass on."""
    headers = {"Host": "localhost", "Origin": "https://localhost:8443"}
    answer, content = _ask(home.service.admin_url, "/try/send", method="POST", body="csrf=x", **headers)
    assert answer.status == 403 and b"pass on the host name and port" in content


def test_listeners_share_nothing(home: Stack) -> None:
    """The listener for Twilio has no page of the console, and the console accepts no webhooks."""
    for path in ("/", "/sign-in", "/static/console.css", "/conversations", "/ready"):
        assert _ask(home.service.url, path)[0].status == 404, path
    path = "/twilio/callback/twilio:phone:myaccount:myphone/sms"
    assert _ask(home.service.admin_url, path, method="POST", body="From=x")[0].status == 400
    assert _ask(home.service.admin_url, path)[0].status == 404


def test_headers(home: Stack) -> None:
    """Every answer has strict headers, also refusals."""
    for path in ("/", "/sign-in", "/no/such/page", "/static/console.css"):
        answer, _ = _ask(home.service.admin_url, path)
        policy = answer.getheader("Content-Security-Policy") or ""
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"


def test_other_origin(home: Stack, open_page: Open) -> None:
    """A page of another origin can neither read a page, nor frame it, nor send a form with an effect."""
    url = home.service.admin_url
    with receiver() as evil:
        evil.answer("/", Answer(body=_evil(url), content_type="text/html"))
        other = open_page(url).context.new_page()
        other.goto(f"{evil.url}/")
        other.wait_for_function("() => document.title === 'done'")
        assert other.evaluate("window.got") == "nothing"
        with other.expect_navigation():
            other.get_by_role("button").click()
        assert "did not come from this page" in other.content()


def _evil(url: str) -> str:
    return (
        f"<!doctype html><html><head><title>x</title></head><body><iframe src='{url}/'></iframe>"
        f"<form method='post' action='{url}/sign-out'><input name='csrf' value='x'/><button>go</button></form>"
        f"<script>window.got='nothing';fetch('{url}/',{{credentials:'include'}}).then(a=>a.text())"
        ".then(t=>{window.got=t},()=>{}).finally(()=>{document.title='done'})</script></body></html>"
    )


@pytest.mark.parametrize("path", ["/%00", "/..%2f..%2fetc/passwd", "/static/../application.py", "/static/%2e%2e/x"])
def test_odd_paths(home: Stack, path: str) -> None:
    """Unknown paths are not served."""
    assert _ask(home.service.admin_url, path)[0].status == 404


def test_nothing_secret_in_the_log(service: ServiceProcess, tmp_path: Path) -> None:
    """The log reports wrong tokens, without the token."""
    log = service.log.read_text(encoding="utf-8")
    assert "console.wrong_token" in log
    assert _TOKEN not in log and "something else" not in log
