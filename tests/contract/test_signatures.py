"""Contract, section 5: whose requests are accepted. In doubt, the answer is 403."""

from __future__ import annotations

import gc
import hashlib
import json
import random
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, PUBLIC_URL, THINGS, TOKEN, House
from tests.contract.signing import Pairs, sign
from tests.sids import sid
from twilio_binding.model.things import Account
from twilio_binding.model.uids import ThingUID
from twilio_binding.webhooks.forms import Form, SignedParameters, Target, decode_pairs
from twilio_binding.webhooks.signature import is_genuine

_DATA: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "signatures.json").read_text(encoding="utf-8"))
_VECTORS: list[dict[str, Any]] = _DATA["vectors"]
_PATH = f"/twilio/callback/{PHONE}/sms"
_SMS = [("MessageSid", sid("SM", 1)), ("From", "+15557654321"), ("Body", "Hi"), ("AccountSid", ACCOUNT_SID)]
_TWO_URLS = f"""
Bridge twilio:account:a [ accountSid="{ACCOUNT_SID}", authToken="{TOKEN}", secondaryAuthToken="the-next", publicUrl="%s" ] {{
    Thing phone b [ phoneNumber="+15551234567" ]
}}
Bridge twilio:account:other [ accountSid="AC{"2" * 32}", authToken="another-token", publicUrl="{PUBLIC_URL}" ] {{
    Thing phone b [ phoneNumber="+15551234568" ]
}}
"""


class _Anywhere(Account):
    """An account whose callback URLs are where a published vector needs them."""

    __slots__ = ("url",)

    @property
    def bases(self) -> tuple[str, ...]:
        return (self.public_url,)


def _pairs(vector: dict[str, Any]) -> Pairs:
    params = _DATA["P"] if vector["params"] == "P" else vector["params"]
    if params == "body":
        return []
    return [(name, value) for name, value in (params if isinstance(params, list) else params.items())]


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: vector["id"])
def test_published_vectors(vector: dict[str, Any]) -> None:
    """What Twilio's SDKs accept is accepted, and what they refuse is refused."""
    address, mark, query = vector["url"].partition("?")
    base, thing, endpoint = address.rsplit("/", 2)
    account = _Anywhere(
        uid=ThingUID("twilio:account:a"),
        account_sid=ACCOUNT_SID,
        auth_token=_DATA["token"],
        public_url=base,
        shared_key_id="webhooks_sharedkey_1",
        shared_key_secret=_DATA["token"],
    )
    form = Form(fields={}, signed=SignedParameters(), json_body=_DATA["body"] if vector["params"] == "body" else None)
    for name, value in _pairs(vector):
        form.signed.setdefault(name, []).append(value)
    algorithm = vector.get("algorithm", "HMAC_SHA1")
    settings = "" if algorithm == "HMAC_SHA1" else f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    target = Target(thing=thing, endpoint=endpoint, raw_query=query if mark else None)
    taken = is_genuine(account, target, form, signature=vector["signature"], settings=settings)
    assert taken is vector["valid"]


@pytest.mark.parametrize(
    "name", ["base", "dup-values", "json-body", "unicode-values", "empty-values", "url-only", "docs"]
)
def test_our_own_signer(name: str) -> None:
    """The signer of these tests agrees with what Twilio has published."""
    (vector,) = (vector for vector in _VECTORS if vector["id"] == name)
    assert sign(_DATA["token"], vector["url"], _pairs(vector)) == vector["signature"]


@pytest.mark.parametrize(
    "pairs",
    [
        _SMS,
        [],
        [("Body", " blanks stay  "), ("Empty", ""), ("Plus", "a+b c")],
        [("Body", "Grüße 😀 \u2028 <>&'=\"")],
        [("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")],
        [("b", "1"), ("B", "2"), ("a", "3"), ("ä", "4")],
        [("Body", "\r\n\t\x00\x7f")],
    ],
)
def test_forms_as_twilio_signs_them(house: House, pairs: Pairs) -> None:
    """Blanks, empty values, repeated names and any character are covered by the signature."""
    assert house.post("sms", [*pairs, *(_SMS[:1] if pairs != _SMS else ())]).status == 200


@pytest.mark.parametrize("query", ["?menu=fire", "?a=1&b=", "?x=%C3%BC&x=2", "?", "?menu=a+b"])
def test_query_belongs_to_the_url(house: House, query: str) -> None:
    """A query string is signed as it was sent, and works."""
    assert house.post("sms", _SMS, query=query).status == 200


@pytest.mark.parametrize(
    ("query", "signed"),
    [("?menu=fire", ""), ("", "?menu=fire"), ("?menu=fire", "?menu=Fire"), ("?a=b c".replace(" ", "+"), "?a=b%20c")],
)
def test_query_that_was_changed(house: House, announced: Announced, query: str, signed: str) -> None:
    """Another query than the signed one is refused."""
    announced("webhook.forged")
    answer = house.post("sms", _SMS, query=query, signed_url=PUBLIC_URL + _PATH + signed)
    assert (answer.status, answer.text) == (403, "Invalid signature")


@pytest.mark.parametrize(
    "signature",
    ["", "wrong", "WRONG_SIGNATURE", "=", "\xff\xfe", "a" * 5000, sign("other", PUBLIC_URL + _PATH, _SMS), None],
)
def test_signatures_that_are_none(house: House, announced: Announced, signature: str | None) -> None:
    """A missing, foreign, truncated or invalid signature is 403 and never a server error."""
    announced("webhook.forged")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    for endpoint in ("sms", "voice", "status", "nope"):
        path = _PATH.replace("sms", endpoint)
        assert house.ask("POST", path, urlencode(_SMS).encode(), headers).status == 403
    assert house.events() == []


@pytest.mark.parametrize(
    "pairs",
    [
        [*_SMS[:2], ("Body", "Ho"), _SMS[3]],
        _SMS[1:],
        [*_SMS, ("Extra", "")],
        [*_SMS, ("Body", "Ho")],
        [(name.lower(), value) for name, value in _SMS],
    ],
)
def test_forms_that_were_changed(house: House, announced: Announced, pairs: Pairs) -> None:
    """A form that differs in one value, name or field from the signed one is refused."""
    announced("webhook.forged")
    assert house.post("sms", pairs, signature=sign(TOKEN, PUBLIC_URL + _PATH, _SMS)).status == 403
    assert house.events() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://my.domain.com" + _PATH,
        "https://127.0.0.1" + _PATH,
        "https://my.domain.com" + _PATH.replace("sms", "whatsapp"),
        "https://my.domain.com" + _PATH + "/",
        "https://My.Domain.com" + _PATH,
        "https://my.domain.com:80" + _PATH,
        "",
    ],
)
def test_urls_that_are_not_the_configured_one(house: House, announced: Announced, url: str) -> None:
    """Only the configured public URL counts, never what the request or the server claims."""
    announced("webhook.forged")
    headers = {"Host": "my.domain.com", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "127.0.0.1"}
    assert house.post("sms", _SMS, signed_url=url, headers=headers).status == 403


@pytest.mark.parametrize(
    ("configured", "signed"),
    [
        ("https://my.domain.com", "https://my.domain.com:443"),
        ("https://my.domain.com:443", "https://my.domain.com"),
        ("https://my.domain.com:8443", "https://my.domain.com:8443"),
        ("https://my.domain.com:8443", "https://my.domain.com"),
        ("http://my.domain.com", "http://my.domain.com:80"),
        ("https://my.domain.com/base/", "https://my.domain.com/base"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_ports(tmp_path: Path, configured: str, signed: str) -> None:
    """Twilio signs some requests with and some without the port; both are accepted, and so is a path in the base URL."""
    with House(tmp_path, _TWO_URLS % configured) as house:
        assert house.post("sms", _SMS, signed_url=signed + _PATH).status == 200


def test_another_accounts_token(tmp_path: Path, announced: Announced) -> None:
    """Each thing is checked with the token of its own account; the secondary token counts during a rotation."""
    announced("webhook.forged")
    with House(tmp_path, _TWO_URLS % PUBLIC_URL) as house:
        assert house.post("sms", _SMS, secret="another-token").status == 403
        assert house.post("sms", _SMS, secret="").status == 403
        assert house.post("sms", _SMS, secret="the-next").status == 200
        assert house.post("sms", _SMS[:3], secret="another-token", thing="twilio:phone:other:b").status == 200


@pytest.mark.parametrize("sid", ["", "AC" + "3" * 32, ACCOUNT_SID.lower()])
def test_another_accounts_sid(house: House, announced: Announced, sid: str) -> None:
    """A form that names another account is refused even if its signature is right."""
    announced("webhook.forged")
    assert house.post("sms", [*_SMS[:3], ("AccountSid", sid)]).status == 403


def test_no_public_url(tmp_path: Path, announced: Announced) -> None:
    """Without a public URL, nothing can be checked, so nothing is accepted."""
    announced("webhook.forged")
    with House(tmp_path, (_TWO_URLS % "").replace(', publicUrl=""', "")) as house:
        for url in (PUBLIC_URL + _PATH, _PATH, ""):
            assert house.post("sms", _SMS, signed_url=url).status == 403


def _json(house: House, body: bytes, query: str, *, content_type: str = "application/json") -> int:
    headers = {"Content-Type": content_type, "X-Twilio-Signature": sign(TOKEN, PUBLIC_URL + _PATH + query)}
    return house.ask("POST", _PATH + query, body, headers).status


def test_json_with_its_hash(house: House) -> None:
    """A JSON body is accepted if the signed URL contains its hash; its values become texts."""
    body = json.dumps({"MessageSid": sid("SM", 1), "Body": "Grüße", "NumMedia": 0, "AccountSid": ACCOUNT_SID}).encode()
    digest = hashlib.sha256(body).hexdigest()
    assert _json(house, body, f"?bodySHA256={digest}") == 200
    payload = house.payload()
    assert (payload["body"], payload["numMedia"]) == ("Grüße", "0")


@pytest.mark.parametrize(
    "query", ["", "?bodySHA256=", "?bodySHA256=WRONG_HASH", "?bodySHA256={0}&bodySHA256={1}", "?bodysha256={0}"]
)
def test_json_with_another_hash(house: House, announced: Announced, query: str) -> None:
    """A JSON body without its hash in the signed URL, or with two, is refused."""
    announced("webhook.forged")
    body = b'{"MessageSid": sid("SM", 1)}'
    query = query.format(hashlib.sha256(body).hexdigest(), "0" * 64)
    assert _json(house, body, query) == 403
    assert house.events() == []


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"", "application/x-www-form-urlencoded"), (b"", ""), (b"x", "text/plain")]
)
def test_signed_url_of_a_json_body_without_that_body(
    house: House, announced: Announced, body: bytes, content_type: str
) -> None:
    """A URL that was signed for one body cannot be used for another, an empty one, or a GET."""
    announced("webhook.forged")
    query = f"?bodySHA256={hashlib.sha256(b'{}').hexdigest()}"
    assert _json(house, body, query, content_type=content_type) == 403
    headers = {"X-Twilio-Signature": sign(TOKEN, PUBLIC_URL + _PATH + query)}
    assert house.ask("GET", _PATH + query, headers=headers).status == 404
    assert house.events() == []


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b"nonsense", b'"x"', b"[" * 5000])
def test_json_that_is_no_object(house: House, body: bytes) -> None:
    """Signed JSON that is not an object has no effect."""
    assert _json(house, body, f"?bodySHA256={hashlib.sha256(body).hexdigest()}") == 400
    assert house.events() == []


@pytest.mark.parametrize("algorithm", ["HMAC_SHA256", "hmac_sha256", "NONE", "HMAC_SHA1;"])
def test_header_cannot_choose_the_key(house: House, announced: Announced, algorithm: str) -> None:
    """A request that claims a shared key is refused while none is configured, however it was signed."""
    announced("webhook.forged")
    headers = {"X-Twilio-Webhooks-Signature-Settings": f"key=webhooks_sharedkey_1,algorithm={algorithm}"}
    assert house.post("sms", _SMS, headers=headers).status == 403
    stronger = sign(TOKEN, PUBLIC_URL + _PATH, _SMS, "sha256")
    assert house.post("sms", _SMS, headers=headers, signature=stronger).status == 403


_SHARED = "webhooks_sharedkey_0000000000000000000000000a"


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[House]:
    """A house whose account has a SharedKey beside its tokens."""
    key = f'sharedKeyId="{_SHARED}", sharedKeySecret="the-shared-secret", authToken='
    with House(tmp_path, THINGS.replace("authToken=", key)) as house:
        yield house


def test_shared_key(shared: House) -> None:
    """Contract, section 5: a webhook signed with the account's SharedKey is accepted."""
    headers = {"X-Twilio-Webhooks-Signature-Settings": f"key={_SHARED}, algorithm=HMAC_SHA256"}
    signature = sign("the-shared-secret", PUBLIC_URL + _PATH, _SMS, "sha256")
    assert shared.post("sms", _SMS, headers=headers, signature=signature).status == 200
    assert shared.post("sms", [("MessageSid", sid("SM", 2)), *_SMS[1:]]).status == 200


@pytest.mark.parametrize(
    ("settings", "secret", "digest"),
    [
        (f"key={_SHARED},algorithm=HMAC_SHA256", TOKEN, "sha256"),
        (f"key={_SHARED},algorithm=HMAC_SHA1", "the-shared-secret", "sha1"),
        (f"key={_SHARED},algorithm=HMAC_SHA512", "the-shared-secret", "sha256"),
        (f"key={_SHARED},algorithm=HMAC_SHA256", "the-shared-secret", "sha1"),
        (f"key={_SHARED}b,algorithm=HMAC_SHA256", "the-shared-secret", "sha256"),
        ("key=,algorithm=HMAC_SHA256", "the-shared-secret", "sha256"),
        ("algorithm=HMAC_SHA256", "", "sha256"),
    ],
)
def test_shared_key_misused(shared: House, announced: Announced, settings: str, secret: str, digest: str) -> None:
    """Another key, another algorithm or another secret than those configured together are refused."""
    announced("webhook.forged")
    headers = {"X-Twilio-Webhooks-Signature-Settings": settings}
    signature = sign(secret, PUBLIC_URL + _PATH, _SMS, digest)
    assert shared.post("sms", _SMS, headers=headers, signature=signature).status == 403
    assert shared.events() == []


_CLOUD = "https://myopenhab.org/api/v1/hooks/1234"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[House]:
    """A house that uses a cloud webhook, and has a public URL as well."""
    with House(tmp_path, THINGS.replace("authToken=", "useCloudWebhook=true, authToken=")) as house:
        house.things.use_cloud_url(_CLOUD)
        yield house


def test_cloud_and_public_url(cloud: House, announced: Announced) -> None:
    """Contract, section 5: signatures over the cloud URL and the public URL are accepted, others are not."""
    announced("webhook.forged")
    thing_and_endpoint = _PATH.removeprefix("/twilio/callback")
    for url, status in (
        (_CLOUD + thing_and_endpoint, 200),
        (PUBLIC_URL + _PATH, 200),
        (_CLOUD + _PATH, 403),
        (PUBLIC_URL + thing_and_endpoint, 403),
    ):
        assert cloud.post("sms", _SMS, signature=sign(TOKEN, url, _SMS)).status == status, url


@pytest.mark.parametrize(
    ("signed", "comes"),
    [
        ("", "?"),
        ("?menu=fire", "?menu=fire"),
        ("?step=2&menu=fire", "?menu=fire&step=2"),
        ("?a=x%20y", "?a=x+y"),
        ("?a=x+y", "?a=x+y"),
        ("?a=10:30,11:15", "?a=10%3A30%2C11%3A15"),
        ("?a=%E2%82%AC&b=&c=1&d=2", "?d=2&c=1&b=&a=%E2%82%AC"),
    ],
)
def test_query_that_openhab_cloud_has_rebuilt(cloud: House, signed: str, comes: str) -> None:
    """The cloud and its connector keep neither the order nor the escapes of parameters; the meaning is the same."""
    url = f"{_CLOUD}/{PHONE}/sms{signed}"
    assert cloud.post("sms", _SMS, query=comes, signature=sign(TOKEN, url, _SMS)).status == 200


@pytest.mark.parametrize(
    ("signed", "comes"),
    [
        ("?menu=fire", "?menu=water"),
        ("?menu=fire", ""),
        ("", "?menu=fire"),
        ("?a=1%26b=2", "?a=1&b=2"),
        ("?a=1&b=2", "?a=1&b=2&a=1"),
        ("?a=1&b=2", "?a=2&b=1"),
    ],
)
def test_query_that_means_something_else(cloud: House, announced: Announced, signed: str, comes: str) -> None:
    """A changed, additional, missing or exchanged value is refused, through the cloud, too."""
    announced("webhook.forged")
    url = f"{_CLOUD}/{PHONE}/sms{signed}"
    assert cloud.post("sms", _SMS, query=comes, signature=sign(TOKEN, url, _SMS)).status == 403


def test_query_is_rebuilt_by_nobody_else(cloud: House, announced: Announced) -> None:
    """Over the public URL, a query is accepted only as signed."""
    announced("webhook.forged")
    signature = sign(TOKEN, f"{PUBLIC_URL}{_PATH}?b=2&a=1", _SMS)
    assert cloud.post("sms", _SMS, query="?a=1&b=2", signature=signature).status == 403


def test_cloud_url_wins_while_it_is_known(cloud: House) -> None:
    """Contract, sections 1 and 2: new URLs begin with the cloud URL while it is known, otherwise with the public URL."""
    phone = cloud.things.current().phones[PHONE]

    def url() -> str | None:
        return phone.callback_url(cloud.things.current().account_of(phone).base_url, "sms")

    assert url() == f"{_CLOUD}/{PHONE}/sms"
    cloud.things.use_cloud_url("")
    assert url() == f"{PUBLIC_URL}/twilio/callback/{PHONE}/sms"


def test_cloud_url_that_is_none(cloud: House, announced: Announced) -> None:
    """With an invalid cloud URL, an unsigned request is 403 and a signed one is accepted."""
    announced("webhook.forged")
    cloud.things.use_cloud_url("https://[")
    assert cloud.post("sms", _SMS, signature="x").status == 403
    assert cloud.post("sms", _SMS).status == 200


def test_cloud_url_that_is_not_wanted(house: House, announced: Announced) -> None:
    """Without useCloudWebhook, a cloud URL is ignored."""
    announced("webhook.forged")
    house.things.use_cloud_url(_CLOUD)
    path = _PATH.removeprefix("/twilio/callback")
    assert house.post("sms", _SMS, signature=sign(TOKEN, _CLOUD + path, _SMS)).status == 403


def test_forgeries_are_counted_without_their_content(house: House, announced: Announced) -> None:
    """A refused request appears in the metrics under no name that a stranger could choose."""
    announced("webhook.forged")
    assert house.post("made-up-endpoint", _SMS, signature="x").status == 403
    text = house.metrics.text().decode()
    assert 'twilio_binding_webhooks_total{endpoint="unverified",outcome="refused"} 1.0' in text
    assert "made-up" not in text


_LARGE = [
    "Body=" + "x" * 250_000,
    "Body=" + "%20%41" * 41_000,
    "&".join(f"F{number}={'%41' * 80}" for number in range(999)),
    "Body=" + "%F0%9F%98%80" * 20_000,
    "&" * 250_000,
    "=" * 250_000,
]


@pytest.mark.parametrize("body", _LARGE, ids=["plain", "escaped", "fields", "faces", "ampersands", "equals"])
def test_large_form_that_nobody_signed(cloud: House, announced: Announced, body: str) -> None:
    """A large unsigned form is refused cheaply, however many URLs could have been signed."""
    announced("webhook.forged")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "A" * 27 + "="}
    spent = []
    for _ in range(4):
        began = time.process_time()
        assert cloud.ask("POST", f"{_PATH}?a=1&b=2&c=3&d=4", body.encode(), headers).status in (400, 403)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1


def test_percent_escapes() -> None:
    """Forms are decoded like the standard library does, whatever they contain."""
    choose = random.Random(1)
    pieces = [
        "a",
        "=",
        "&",
        "+",
        "%20",
        "%3D",
        "%25",
        "%0A",
        "%0D%0A",
        "%00",
        "\n",
        "\r\n",
        "  \n",
        "_",
        "ü",
        "%C3%BC",
        ".",
    ]
    for _ in range(3000):
        text = "".join(choose.choice(pieces) for _ in range(choose.randrange(12)))
        assert decode_pairs(text) == parse_qsl(text, keep_blank_values=True, errors="strict"), text


def test_endpoints_that_there_are_not_cost_no_memory() -> None:
    """Nothing is cached for unknown endpoints."""
    account = Account(
        uid=ThingUID("twilio:account:a"), account_sid=ACCOUNT_SID, auth_token=TOKEN, public_url=PUBLIC_URL
    )
    form = Form(fields={}, signed=SignedParameters(), json_body=None)

    def ask(number: int) -> bool:
        target = Target(thing=PHONE, endpoint=f"{number}" + "x" * 4096, raw_query=None)
        return is_genuine(account, target, form, signature="A" * 27 + "=")

    assert not ask(0)
    tracemalloc.start()
    assert not any(ask(number) for number in range(1, 200))
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 200_000
