"""Types of values that several settings share, with their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.tls import CAFileError, trusting
from twilio_binding.urls import is_web_address

Positive = Annotated[float, Field(gt=0)]


class SettingsError(TwilioBindingError):
    """An invalid setting; the text names it and says what it must be."""

    code = "bad_settings"


def web_address(url: str) -> str:
    """The URL if it is http or https with a host; raises `ValueError`."""
    if not is_web_address(url) or not url.isprintable() or " " in url:
        raise ValueError("not a web address; use the form http://192.168.1.5:8080")
    return url


WebAddress = Annotated[str, AfterValidator(web_address)]


def one_word(text: str) -> str:
    """A token without surrounding blanks and line ends, which a file may contain; raises `ValueError` for other blanks."""
    text = text.strip()
    strange = next((place for place, character in enumerate(text, 1) if not "!" <= character <= "~"), 0)
    if strange:
        raise ValueError(f"character {strange} of {len(text)} is blank, invisible or not ASCII; copy the token again")
    return text


Token = Annotated[SecretStr, AfterValidator(lambda token: SecretStr(one_word(token.get_secret_value())))]


def _ca_file(value: str) -> str:
    try:
        trusting(value)
    except CAFileError as error:
        raise ValueError(str(error)) from None
    return value


CAFile = Annotated[str, AfterValidator(_ca_file)]


def full_path(path: str) -> str:
    """The path; raises `ValueError` if it has ~, which only a shell replaces, or a character that no path can have."""
    if "\0" in path:
        raise ValueError("a path cannot have the character \\0")
    if "~" in path.split("/"):
        raise ValueError(
            "write the full path instead of ~, because a service may have another home folder than you; "
            f"earlier versions used {Path(path).absolute()}: move what is there"
        )
    return path


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of `host:port`; raises `ValueError`. All addresses in the settings have this form."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    is_number = port.isascii() and port.isdigit() and len(port) <= 5
    if not host or not is_number or int(port) > 65535:
        raise ValueError(f"{listen!r:.60} is not an address; use the form 127.0.0.1:8765")
    return host, int(port)


def nearby_address(listen: str) -> tuple[str, int]:
    """Host and port at which programs on this machine reach a listener, also if it listens on all addresses."""
    host, port = split_address(listen)
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - it is compared, not listened on


def _listen(value: str) -> str:
    split_address(value)
    return value


ListenAddress = Annotated[str, AfterValidator(_listen)]
