"""Contract, section 8, and the media part of section 4: URLs for pictures of items and of cameras."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from structlog.testing import capture_logs

from lab.standins.client import OpenHABStandIn
from tests.camera import BODIES, PICTURE, Camera, camera, camera_that_is_off
from tests.conftest import Announced
from tests.contract.house import PHONE, PUBLIC_URL, THINGS, Answer, House
from tests.media import MOST, media_urls
from tests.waiting import wait_until
from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sources import Credentials, fetcher
from twilio_binding.store import Database

_ITEMS = """
Image Door
Image Empty
Group:Image Doors
String Words
"""
_TOKEN = "oh.media.0123456789"
_TWO_ACCOUNTS = THINGS.replace("}", '    Thing phone c [ phoneNumber="+15551234568" ]\n}') + THINGS.replace(
    "account:a", "account:z"
).replace("+15551234567", "+15551234569")
_FAILED = "Failed to fetch media"


class Clock:
    """A controlled clock."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead


class MediaHouse(House):
    """A camera and an openHAB. `names` are the addresses of host names, one list for each look-up."""

    def __init__(self, folder: Path, openhab: str, things: str = THINGS, *, seconds: float = 5.0) -> None:
        self.clock = Clock()
        self.names: dict[str, list[Sequence[str]]] = {}
        self.listening_on: list[str] = []
        self.looked_up: list[str] = []
        self._openhab, self._seconds = openhab, seconds
        super().__init__(folder, things, media=self._media)
        self.actions.start(lambda *_: None)

    def _media(self, database: Database, metrics: Metrics) -> MediaURLs:
        return media_urls(
            database,
            metrics,
            openhab=self._openhab,
            token=_TOKEN,
            allowed=["camera.example", "198.51.100.0/24"],
            credentials={
                "127.0.0.1": Credentials(user="admin", password="s3cret"),
                "other.example": Credentials(user="other", password="0ther"),
            },
            limit=3 * MOST,
            seconds=self._seconds,
            clock=self.clock,
            resolve=self._resolve,
            listening_on=self.listening_on,
        )

    def _resolve(self, host: str, port: int) -> Sequence[str]:
        del port
        self.looked_up.append(host)
        answers = self.names.get(host, [[host]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def create(self, action: str, request_id: str = "", **args: object) -> Reply:
        """The result of a request for a rule."""
        return self.actions.call(Request(thing=PHONE, action=action, args=args, id=request_id), timeout=30)

    def proxy(self, source: str) -> str:
        """The path of a URL for a source."""
        reply = self.create("createProxyMediaUrl", sourceUrl=source)
        assert reply.ok, reply.message
        return _path(reply)


def _path(reply: Reply) -> str:
    url = str(reply.result["url"])
    assert url.startswith(f"{PUBLIC_URL}/twilio/callback/media/")
    return urlsplit(url).path


@pytest.fixture(scope="module")
def openhab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHABStandIn]:
    """An openHAB with Image items."""
    items = tmp_path_factory.mktemp("items")
    (items / "media.items").write_text(_ITEMS, encoding="utf-8")
    with OpenHABStandIn(OpenHABOptions(items=items, token=_TOKEN)) as standin:
        yield standin


@pytest.fixture
def cam() -> Iterator[Camera]:
    """A camera."""
    with camera() as cam:
        yield cam


@pytest.fixture
def house(tmp_path: Path, openhab: OpenHABStandIn) -> Iterator[MediaHouse]:
    """A house that serves."""
    with MediaHouse(tmp_path, openhab.url) as house:
        yield house
        house.actions.stop()


def get(house: House, path: str) -> Answer:
    """What Twilio gets."""
    return house.ask("GET", path)


def put(openhab: OpenHABStandIn, item: str, picture: bytes, kind: str = "image/png") -> str:
    """Give an item a picture."""
    state = f"data:{kind};base64,{base64.b64encode(picture).decode()}"
    answer = requests.put(
        f"{openhab.url}/rest/items/{item}/state",
        data=state,
        headers={"Content-Type": "text/plain", "Authorization": f"Bearer {_TOKEN}"},
        timeout=30,
    )
    assert answer.status_code == 202
    wait_until(lambda: openhab.states(item)[-1:] == [state], 5, "the picture")
    return state


# ---- pictures of items


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "application/pdf", "audio/mpeg; rate=8"])
def test_item(house: MediaHouse, openhab: OpenHABStandIn, kind: str) -> None:
    """The bytes of an Image item's state, with their type, as often as Twilio asks."""
    put(openhab, "Door", PICTURE, kind)
    path = _path(house.create("createItemMediaUrl", itemName="Door"))
    for _ in range(2):
        answer = get(house, path)
        assert (answer.status, answer.body) == (200, PICTURE)
        assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == (kind, str(len(PICTURE)))


def test_item_is_frozen(house: MediaHouse, openhab: OpenHABStandIn) -> None:
    """The picture is the one at the time when the URL was created."""
    put(openhab, "Door", PICTURE)
    path = _path(house.create("createItemMediaUrl", itemName="Door"))
    put(openhab, "Door", b"later")
    assert get(house, path).body == PICTURE


@pytest.mark.parametrize(
    ("item", "code", "told"),
    [
        ("Empty", "no_picture", "Empty has no picture now (its state is NULL)"),
        ("Doors", "no_picture", "Doors has no picture now"),
        ("Words", "bad_item", "Words is a String item, not an Image"),
        ("Nobody", "unknown_item", "openHAB has no item Nobody"),
        ("../things", "bad_item", "'../things' is not an item name"),
        ("Türe", "bad_item", "is not an item name"),
        ("", "missing_argument", "itemName is missing or empty"),
    ],
)
def test_item_without_a_picture(house: MediaHouse, item: str, code: str, told: str) -> None:
    """Without a picture, the rule gets a reason instead of a URL."""
    reply = house.create("createItemMediaUrl", itemName=item)
    assert (reply.ok, reply.code) == (False, code)
    assert told in reply.message


def test_a_refused_picture_stands_in_the_log(house: MediaHouse) -> None:
    """The rule only sees None, but the log has the reason."""
    with capture_logs() as told:
        house.create("createItemMediaUrl", itemName="Nobody")
    assert [(one["event"], one["reason"]) for one in told if one["event"] == "media.refused"] == [
        ("media.refused", "openHAB has no item Nobody")
    ]


def test_item_that_is_too_large(house: MediaHouse, openhab: OpenHABStandIn) -> None:
    """A picture over the size limit is refused, however large it is."""
    for size in (MOST + 1, 4 * MOST):
        put(openhab, "Door", b"x" * size)
        reply = house.create("createItemMediaUrl", itemName="Door")
        assert (reply.ok, reply.code) == (False, "too_large")
    put(openhab, "Door", b"x" * MOST)
    assert house.create("createItemMediaUrl", itemName="Door").ok


def test_openhab_is_away(tmp_path: Path) -> None:
    """While openHAB is down, the rule is told that it can try again."""
    with MediaHouse(tmp_path, "http://127.0.0.1:9") as house:
        reply = house.create("createItemMediaUrl", itemName="Door")
        assert (reply.ok, reply.code, reply.retryable) == (False, "openhab_away", True)
        house.actions.stop()


# ---- sources


def test_source(house: MediaHouse, cam: Camera) -> None:
    """A camera's picture is fetched once, immediately, and every fetch of Twilio gets the same picture."""
    path = house.proxy(f"{cam.url}/snapshot.png?x=1")
    wait_until(lambda: cam.asked, 5, "the fetch")
    answers = [get(house, path) for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, PICTURE + b"1")] * 3
    assert answers[0].headers["Content-Type"] == "image/png"
    assert cam.asked == ["/snapshot.png?x=1"]


def test_source_without_a_type(house: MediaHouse, cam: Camera) -> None:
    """A source without a type gets the generic type."""
    assert get(house, house.proxy(f"{cam.url}/typeless")).headers["Content-Type"] == "application/octet-stream"


def test_many_at_once(house: MediaHouse, cam: Camera) -> None:
    """Requests while the source is being fetched wait for that fetch."""
    cam.open.clear()
    path = house.proxy(f"{cam.url}/x")
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(get, house, path) for _ in range(8)]
        wait_until(lambda: cam.asked, 5, "the fetch")
        cam.open.set()
        assert {answer.result().body for answer in answers} == {PICTURE + b"1"}
    assert cam.asked == ["/x"]


def test_cameras_that_hang(house: MediaHouse, cam: Camera) -> None:
    """Cameras that hang delay no other camera, however often they are requested."""
    cam.open.clear()
    with ThreadPoolExecutor(40) as pool:
        hung = [pool.submit(house.proxy, f"{cam.url}/{n}") for n in range(40)]
        wait_until(lambda: len(cam.asked) == 2, 5, "a camera to be asked")
        with camera() as well:
            path = house.proxy(f"{well.url}/x")
            assert get(house, path).body == PICTURE + b"1"
        assert len(cam.asked) == 2
        cam.open.set()
        paths = [each.result() for each in hung]
    assert {get(house, path).status for path in paths} == {200}


def test_head(house: MediaHouse, cam: Camera) -> None:
    """HEAD has the headers of GET."""
    path = house.proxy(f"{cam.url}/x")
    whole, head = get(house, path), house.ask("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    assert head.headers["Content-Type"] == "image/png"


def test_nothing_runs_in_a_browser(house: MediaHouse, cam: Camera) -> None:
    """The bytes are a stranger's and the address is the user's: browsers must run and cache nothing."""
    headers = get(house, house.proxy(f"{cam.url}/x")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("ftp://127.0.0.1/x", "Unsupported URL scheme"),
        ("file:///etc/passwd", "Unsupported URL scheme"),
        ("door", "Unsupported URL scheme"),
        ("http://", "Invalid source URL"),
        ("http://a b/", "Invalid source URL"),
        ("http://127.0.0.1:99999/", "Invalid source URL"),
        ("http://203.0.113.9/x", "203.0.113.9: not an allowed host (see media.allowed_hosts)"),
        ("http://169.254.169.254/x", "169.254.169.254: not an allowed host (see media.allowed_hosts)"),
        ("http://[fe80::1]/x", "fe80::1: not an allowed host (see media.allowed_hosts)"),
    ],
)
def test_source_that_is_none(house: MediaHouse, source: str, told: str) -> None:
    """A URL that can never be fetched is refused immediately: the alarm can still go out without its picture."""
    reply = house.create("createProxyMediaUrl", sourceUrl=source)
    assert (reply.ok, reply.code, reply.message) == (False, "bad_source", told)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("status/404", "Source returned 404"),
        ("status/500", "Source returned 500"),
        ("status/204", "Source returned 204"),
        ("cut", _FAILED),
        ("huge", _FAILED),
        ("endless", _FAILED),
        ("loop", _FAILED),
        ("to/ftp:~~127.0.0.1~x", "Unsupported URL scheme"),
        ("to/http:~~(::1", "Invalid source URL"),
        ("to/http:~~169.254.169.254~latest~meta-data", _FAILED),
        ("to/http:~~public.example~x", _FAILED),
    ],
)
def test_source_that_fails(house: MediaHouse, cam: Camera, announced: Announced, path: str, told: str) -> None:
    """A failure of the source is 502 with the contract's text; Twilio's next try is a new one."""
    announced("media.not_fetched")
    house.names = {"public.example": [["203.0.113.7"]]}
    url = house.proxy(f"{cam.url}/{path}")
    answer = get(house, url)
    assert (answer.status, answer.text) == (502, told)
    asked = len(cam.asked)
    assert get(house, url).status == 502
    assert len(cam.asked) > asked


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("body/login/text~html;charset=utf-8", "sends an HTML page instead of a picture (Content-Type: text/html;"),
        ("body/login/image~jpeg", "sends an HTML page instead of a picture (Content-Type: image/jpeg)"),
        ("body/login", "sends an HTML page instead of a picture (Content-Type: none)"),
        ("body/bare/application~octet-stream", "sends an HTML page"),
        ("body/xml/image~png", "sends an XML document"),
        ("body/soap", "sends an XML document"),
        ("body/json/application~json", "sends JSON"),
        ("body/json/image~jpeg", "sends JSON"),
        ("body/json", "sends JSON"),
        (
            "body/words/text~html",
            "sends a text for programs or browsers instead of a picture (Content-Type: text/html)",
        ),
        ("body/empty/image~jpeg", "sends nothing instead of a picture"),
        ("body/empty", "sends nothing instead of a picture"),
        ("stream", "sends a stream instead of a picture"),
        ("to/~body~login~image~jpeg", "sends"),
    ],
)
def test_source_without_a_picture(house: MediaHouse, cam: Camera, announced: Announced, path: str, told: str) -> None:
    """If a camera answers without a picture, the rule is told immediately, and Twilio never gets the page."""
    announced("media.not_fetched")
    with capture_logs() as logs:
        for _ in range(2):
            reply = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/{path}")
            assert (reply.ok, reply.code, reply.retryable) == (False, "bad_source", True)
            assert reply.message.startswith("127.0.0.1 ")
            assert told in reply.message
    assert {log["reason"] for log in logs if log["event"] in ("media.not_fetched", "media.refused")} == {reply.message}
    assert cam.url.partition("//")[2] not in str(logs)


def test_page_that_comes_late(house: MediaHouse, cam: Camera, announced: Announced) -> None:
    """If the page arrives too late for the rule, Twilio gets a 502 instead."""
    announced("media.not_fetched")
    cam.open.clear()
    path = house.proxy(f"{cam.url}/slow/login/image~jpeg")
    cam.open.set()
    answer = get(house, path)
    assert (answer.status, answer.text) == (502, _FAILED)


@pytest.mark.parametrize(
    ("body", "kind", "shown"),
    [
        ("jpeg", "", "image/jpeg"),
        ("jpeg", "image~jpeg", "image/jpeg"),
        ("jpeg", "image~jpeg;q=1", "image/jpeg;q=1"),
        ("jpeg", "text~html", "image/jpeg"),
        ("jpeg", "image~png", "image/jpeg"),
        ("png", "application~octet-stream", "image/png"),
        ("webp", "binary", "image/webp"),
        ("mp4", "", "video/mp4"),
        ("mp4", "video~quicktime", "video/quicktime"),
        ("svg", "image~svg+xml", "image/svg+xml"),
        ("other", "", "application/octet-stream"),
        ("other", "image~jpeg", "image/jpeg"),
        ("words", "text~plain", "text/plain"),
    ],
)
def test_type_of_a_source(house: MediaHouse, cam: Camera, body: str, kind: str, shown: str) -> None:
    """A picture has the type of its bytes, if that is certain, otherwise the type from the source."""
    answer = get(house, house.proxy(f"{cam.url}/body/{body}/{kind}".rstrip("/")))
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, shown, BODIES[body])


@pytest.mark.parametrize(
    ("body", "told"), [("login", "an HTML page instead of a picture"), ("json", "JSON"), ("empty", "nothing")]
)
def test_item_with_a_page(house: MediaHouse, openhab: OpenHABStandIn, body: str, told: str) -> None:
    """An Image item that holds a camera's login page has no picture."""
    put(openhab, "Door", BODIES[body], "image/jpeg")
    reply = house.create("createItemMediaUrl", itemName="Door")
    assert (reply.ok, reply.code) == (False, "no_picture")
    assert f"the state of Door is {told}" in reply.message


def test_item_with_a_wrong_type(house: MediaHouse, openhab: OpenHABStandIn) -> None:
    """The picture of an item has the type of its bytes, if that is certain."""
    put(openhab, "Door", BODIES["jpeg"], "application/octet-stream")
    path = _path(house.create("createItemMediaUrl", itemName="Door"))
    assert get(house, path).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "LOCALHOST.", "[::ffff:127.0.0.1]", "2130706433", "127.0.0.2"]
)
def test_own_pages_by_address(house: MediaHouse, cam: Camera, announced: Announced, name: str) -> None:
    """The pages of this service are never fetched, whatever name or address of this machine is used."""
    announced("media.not_fetched")
    port = urlsplit(cam.url).port
    house.listening_on.append(f"0.0.0.0:{port}")
    house.names = {name.lower(): [["127.0.0.1"]], "localhost.": [["127.0.0.1"]]}
    reply = house.create("createProxyMediaUrl", sourceUrl=f"http://{name}:{port}/metrics")
    if reply.ok:
        assert get(house, _path(reply)).status == 502
    assert cam.asked == []


def test_own_pages_after_a_redirect(house: MediaHouse, cam: Camera, announced: Announced) -> None:
    """Nor are they after a redirect from this machine; another port of it may be fetched."""
    announced("media.not_fetched")
    port = urlsplit(cam.url).port
    with camera() as own:
        own_port = urlsplit(own.url).port
        house.listening_on.append(f"127.0.0.1:{own_port}")
        reply = house.create("createProxyMediaUrl", sourceUrl=f"{cam.url}/to/http:~~127.0.0.1:{own_port}~metrics")
        assert (reply.ok, reply.code) == (False, "bad_source")
        assert reply.message == f"127.0.0.1:{own_port} is this service, whose own pages are never fetched"
        assert (own.asked, len(cam.asked)) == ([], 1)
        assert get(house, house.proxy(f"http://127.0.0.1:{port}/x")).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/rest/items",
        "/rest",
        "/rest/items/Words/state",
        "//rest/items",
        "/./rest/items",
        "/x/../rest/items",
        "/%72est/items",
        "/%2572est/items",
        "/REST/items",
        "/rest;a=1/items",
        "/%2e/rest",
    ],
)
def test_rest_of_openhab(house: MediaHouse, openhab: OpenHABStandIn, path: str) -> None:
    """OpenHAB's REST API is never fetched: it would publish the states of items."""
    reply = house.create("createProxyMediaUrl", sourceUrl=f"{openhab.url}{path}")
    assert (reply.ok, reply.code) == (False, "bad_source")
    assert "openHAB's REST API is never fetched" in reply.message


def test_pictures_of_openhabs_web_server(house: MediaHouse, openhab: OpenHABStandIn, announced: Announced) -> None:
    """Other pages of openHAB's web server can be fetched, such as the snapshots of its camera binding."""
    announced("media.not_fetched")
    path = house.proxy(f"{openhab.url}/ipcamera/door/ipcamera.jpg")
    assert get(house, path).text == "Source returned 404"


def test_source_that_comes_back(house: MediaHouse, cam: Camera, announced: Announced) -> None:
    """A failure is not cached: when the camera is back within the five minutes, so is the picture."""
    announced("media.not_fetched")
    house.names = {"camera.example": [["127.0.0.9"], ["127.0.0.1"]]}
    port = urlsplit(cam.url).port
    path = house.proxy("http://127.0.0.1:9/x")
    assert get(house, path).status == 502
    path = house.proxy(f"http://127.0.0.1:{port}/x")
    assert get(house, path).status == 200


def test_slow_source(tmp_path: Path, cam: Camera, announced: Announced) -> None:
    """A source that never ends, but never is silent, is cut off in time."""
    announced("media.not_fetched")
    with MediaHouse(tmp_path, "http://127.0.0.1:9", seconds=0.5) as house:
        started = time.monotonic()
        answer = get(house, house.proxy(f"{cam.url}/drip"))
        assert (answer.status, answer.text) == (502, _FAILED)
        assert time.monotonic() - started < 10
        house.actions.stop()


def test_source_that_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: Announced) -> None:
    """A source that does not answer is given up long before the time limit of a fetch."""
    announced("media.not_fetched")
    monkeypatch.setattr(fetcher, "_CONNECTING", 0.2)
    with camera_that_is_off() as url, MediaHouse(tmp_path, "http://127.0.0.1:9", seconds=60) as house:
        started = time.monotonic()
        answer = get(house, house.proxy(url))
        assert (answer.status, answer.text) == (502, _FAILED)
        assert time.monotonic() - started < 20
        house.actions.stop()


def test_end_while_a_source_is_off(tmp_path: Path, announced: Announced) -> None:
    """The end of the service does not wait for a connection that is never made."""
    announced("media.not_fetched")
    with camera_that_is_off() as url, MediaHouse(tmp_path, "http://127.0.0.1:9") as house:
        house.proxy(url)
        started = time.monotonic()
        house.media.stop(started + 0.3)
        assert time.monotonic() - started < 3
        house.actions.stop()


@pytest.mark.parametrize("how", ["basic", "digest"])
def test_credentials(house: MediaHouse, cam: Camera, how: str) -> None:
    """Credentials of the settings go only to their host, Basic or Digest, and are in no URL."""
    path = house.proxy(f"{cam.url}/{how}/snapshot")
    assert get(house, path).status == 200
    assert "s3cret" not in path


def test_credentials_stay_with_their_host(house: MediaHouse, cam: Camera, announced: Announced) -> None:
    """A redirect to another host carries no credentials there."""
    announced("media.not_fetched")
    port = urlsplit(cam.url).port
    house.names = {"camera.example": [["127.0.0.1"]]}
    assert get(house, house.proxy(f"{cam.url}/to/http:~~camera.example:{port}~basic~x")).status == 502
    assert set(cam.authorizations[1:]) <= {""}


@pytest.mark.parametrize(
    ("leads_to", "status"),
    [
        (("127.0.0.1", "127.0.0.1"), 200),
        (("camera.example", "127.0.0.1"), 502),
        (("evil.example", "127.0.0.1"), 502),
        (("evil.example", "169.254.169.254"), 502),
        (("camera.example", "169.254.169.254"), 502),
        (("public.example", "203.0.113.9"), 502),
        (("evil.example", "::ffff:127.0.0.1"), 502),
        (("evil.example", "0.0.0.0"), 502),
    ],
)
def test_allowed_hosts(
    house: MediaHouse, cam: Camera, announced: Announced, leads_to: tuple[str, str], status: int
) -> None:
    """The connected address decides, whatever the host name is."""
    announced("media.not_fetched")
    host, address = leads_to
    house.names = {host: [[address]]}
    answer = get(house, house.proxy(f"http://{host}:{urlsplit(cam.url).port}/x"))
    assert answer.status == status
    assert bool(cam.asked) is (status == 200)


def test_rebinding(house: MediaHouse, cam: Camera) -> None:
    """A name is resolved once for a connection: the checked address is the connected one."""
    port = urlsplit(cam.url).port
    house.names = {"localhost": [["127.0.0.1"], ["169.254.169.254"]]}
    assert get(house, house.proxy(f"http://localhost:{port}/x")).status == 200
    assert house.looked_up == ["localhost"]


# ---- the URL


def test_unknown_url(house: MediaHouse) -> None:
    """Without the UUID, nothing is found."""
    for path in ("", "x", "00000000-0000-0000-0000-000000000000", "../x", "%00"):
        answer = get(house, f"/twilio/callback/media/{path}")
        assert (answer.status, answer.text) == (404, "Media not found")


def test_expiry(house: MediaHouse, cam: Camera) -> None:
    """A URL works for five minutes; then it is expired for a day; then it is unknown."""
    path = house.proxy(f"{cam.url}/x")
    assert get(house, path).status == 200
    house.clock.ahead = 299
    assert get(house, path).status == 200
    house.clock.ahead = 301
    answer = get(house, path)
    assert (answer.status, answer.text) == (410, "Media expired")
    house.media.age()
    house.clock.ahead = 300 + 86_000
    house.media.age()
    assert get(house, path).status == 410
    house.clock.ahead = 300 + 86_500
    house.media.age()
    assert get(house, path).status == 404
    assert list((house.file.parent / "media").iterdir()) == []


def test_same_request_twice(house: MediaHouse, cam: Camera) -> None:
    """A request that is delivered twice gets the same URL, and the camera is asked once."""
    first = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x")
    second = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x")
    assert first.result == second.result
    assert get(house, _path(first)).status == 200
    assert cam.asked == ["/x"]


_ODD_IDS = ["one", "a/b#+", "' OR 1=1 --", "ü 😀", "%00", "x" * 128]


@pytest.mark.parametrize("request_id", _ODD_IDS)
@pytest.mark.parametrize("restart", [False, True])
def test_id_of_another_request(
    tmp_path: Path, openhab: OpenHABStandIn, cam: Camera, request_id: str, *, restart: bool
) -> None:
    """An id gives nobody the picture of another request: not with another source, phone, account, client or action."""
    put(openhab, "Door", PICTURE)
    own = Request(
        thing=PHONE,
        action="createProxyMediaUrl",
        args={"sourceUrl": f"{cam.url}/x"},
        id=request_id,
        reply_to="twilio/reply/a/1",
    )
    others = [
        replace(own, args={"sourceUrl": f"{cam.url}/y"}),
        replace(own, thing="twilio:phone:a:c"),
        replace(own, thing="twilio:phone:z:b"),
        replace(own, reply_to="twilio/reply/b/1"),
        replace(own, reply_to=""),
        replace(own, action="createItemMediaUrl", args={"itemName": "Door"}),
        replace(own, action="sendSMS", args={"to": "+15557654321", "message": "Hi"}),
    ]
    with ExitStack() as stack:
        house = stack.enter_context(MediaHouse(tmp_path, openhab.url, _TWO_ACCOUNTS))
        first = house.actions.call(own, timeout=30)
        assert first.ok
        if restart:
            house.actions.stop()
            stack.close()
            house = stack.enter_context(MediaHouse(tmp_path, openhab.url, _TWO_ACCOUNTS))
        for other in others:
            reply = house.actions.call(other, timeout=30)
            assert (reply.ok, reply.code, reply.retryable) == (False, "id_reused", False), other
        again = house.actions.call(own, timeout=30)
        assert again.result["url"] == first.result["url"]
        house.actions.stop()
    assert "/y" not in cam.asked


def test_id_of_a_send(house: MediaHouse, cam: Camera) -> None:
    """The id of a send cannot be used for a picture."""
    send = Request(thing=PHONE, action="sendSMS", args={"to": "+15557654321", "message": "Hi"}, id="one")
    assert house.actions.call(send, timeout=30).ok
    reply = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x")
    assert (reply.ok, reply.code) == (False, "id_reused")
    assert house.actions.call(send, timeout=30).ok


def test_ids_at_the_same_time(house: MediaHouse, cam: Camera) -> None:
    """Of simultaneous requests with one id, one gets its picture; no other does."""
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(house.create, "createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/{n}") for n in range(8)]
        replies = [each.result() for each in asked]
    assert sorted(reply.code for reply in replies) == [""] + ["id_reused"] * 7


def test_same_request_after_its_picture_expired(house: MediaHouse, cam: Camera) -> None:
    """A repeated request after its URL has expired gets a new, working one; the old one stays expired."""
    first = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x")
    assert get(house, _path(first)).body == PICTURE + b"1"
    house.clock.ahead = 301
    second = house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x")
    assert get(house, _path(second)).body == PICTURE + b"2"
    assert get(house, _path(first)).status == 410
    assert house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/x").result["url"] == second.result["url"]
    house.clock.ahead = 700
    assert house.create("createProxyMediaUrl", "one", sourceUrl=f"{cam.url}/y").code == "id_reused"


def test_restart(tmp_path: Path, openhab: OpenHABStandIn, cam: Camera) -> None:
    """URLs survive a restart; what was not fetched is fetched by the next process."""
    put(openhab, "Door", PICTURE)
    cam.open.clear()
    with MediaHouse(tmp_path, openhab.url) as house:
        item = _path(house.create("createItemMediaUrl", itemName="Door"))
        proxy = house.proxy(f"{cam.url}/x")
        wait_until(lambda: cam.asked, 5, "the fetch")
        house.actions.stop()
    cam.open.set()
    (tmp_path / "media" / f"{0:032x}.part").write_bytes(b"half")
    with MediaHouse(tmp_path, openhab.url) as house:
        house.media.start()
        wait_until(lambda: len(cam.asked) == 2, 5, "the fetch")
        assert get(house, item).body == PICTURE
        assert get(house, proxy).status == 200
        assert not (tmp_path / "media" / f"{0:032x}.part").exists()
        house.actions.stop()


def test_file_that_is_gone(house: MediaHouse, openhab: OpenHABStandIn, announced: Announced) -> None:
    """A missing or truncated file of a picture is an internal error."""
    announced("media.broken")
    put(openhab, "Door", PICTURE)
    path = _path(house.create("createItemMediaUrl", itemName="Door"))
    (file,) = (house.file.parent / "media").iterdir()
    file.write_bytes(b"")
    answer = get(house, path)
    assert (answer.status, answer.text) == (500, "Invalid media entry")
    file.unlink()
    assert get(house, path).status == 500


def test_no_room(house: MediaHouse, openhab: OpenHABStandIn) -> None:
    """Beyond the size limit, the oldest picture is deleted; its URL has expired."""
    put(openhab, "Door", b"x" * MOST)
    paths = [_path(house.create("createItemMediaUrl", itemName="Door")) for _ in range(4)]
    assert [get(house, path).status for path in paths] == [410, 200, 200, 200]


def test_no_public_url(tmp_path: Path, openhab: OpenHABStandIn) -> None:
    """Without a public URL, Twilio could fetch nothing, and the rule is told so."""
    with MediaHouse(tmp_path, openhab.url, THINGS.replace(f', publicUrl="{PUBLIC_URL}/"', "")) as house:
        reply = house.create("createItemMediaUrl", itemName="Door")
        assert (reply.ok, reply.code) == (False, "no_public_url")
        house.actions.stop()


def test_cloud_url(tmp_path: Path, openhab: OpenHABStandIn, cam: Camera) -> None:
    """With a cloud webhook, the URL is one of the webhook, while it is known."""
    with MediaHouse(tmp_path, openhab.url, THINGS.replace("authToken=", "useCloudWebhook=true, authToken=")) as house:
        house.things.use_cloud_url("https://myopenhab.org/hook/1")
        reply = house.create("createProxyMediaUrl", sourceUrl=f"{cam.url}/x")
        url = str(reply.result["url"])
        assert url.startswith("https://myopenhab.org/hook/1/media/")
        assert get(house, f"/twilio/callback/media/{url.rpartition('/')[2]}").status == 200
        house.actions.stop()


def test_secrets_are_not_logged(house: MediaHouse, cam: Camera, announced: Announced) -> None:
    """When something fails, the log contains neither the URL's secret nor the source's path."""
    announced("media.not_fetched")
    with capture_logs() as logs:
        path = house.proxy(f"{cam.url}/status/500?token=hidden")
        get(house, path)
    assert any(entry["event"] == "media.not_fetched" for entry in logs)
    assert "hidden" not in str(logs)
    assert path.rpartition("/")[2] not in str(logs)
