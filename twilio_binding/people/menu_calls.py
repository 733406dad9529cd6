"""Takes calls of contacts who use items, and calls of strangers if the phone is set so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from twilio_binding.incoming.ports import Taken
from twilio_binding.model.events import Webhook
from twilio_binding.model.things import Phone
from twilio_binding.people.contacts import Contacts, language_of
from twilio_binding.people.item_menu import ItemMenu
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.menu_pages import PREFIX, MenuCaller

_BY = "menu"
_STRANGER = "strangers"
_REJECTIONS = {
    "reject": '<Response><Reject reason="busy"/></Response>',
    "ignore": '<Response><Reject reason="rejected"/></Response>',
}
_SIGNED = "TN-Validation-Passed-A"
"""The attestation of a caller's network that the number is genuine (STIR/SHAKEN)."""


class MenuCalls:
    """Takes calls if the phone has `menu`. A rule may answer a call first; keys in the menu belong to the menu."""

    def __init__(self, contacts: Contacts, menu: ItemMenu, language: Callable[[], str]) -> None:
        self._contacts = contacts
        self._menu = menu
        self._language = language

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Take a call of a contact who may use items, or keys and words in its menu."""
        is_new = webhook.endpoint == "voice"
        step = webhook.query.get("menu", "")
        if not is_new and not step.startswith(PREFIX):
            return None
        fields = webhook.fields
        is_ours = fields.get("Direction", "").startswith("outbound")
        contact = self._contacts.of_number(fields.get("To", ""), str(phone.uid)) if is_ours else webhook.contact
        if contact is None:
            rejection = _REJECTIONS.get(phone.strangers)
            return Taken(by=_STRANGER, answer=lambda: rejection) if is_new and rejection else None
        is_called_back = is_ours and not is_new
        may = contact.may("read") or contact.may("command")
        if not (phone.menu or is_called_back) or gather_url is None or not may:
            return None
        heard = fields.get("SpeechResult", "") if phone.speech else ""
        language = language_of(contact, self._language)
        caller = MenuCaller(
            user=ItemUser(
                contact=contact,
                phone=str(phone.uid),
                way="speech" if heard else "call",
                language=language,
                is_proven=is_ours or fields.get("StirVerstat", "") == _SIGNED,
            ),
            gather_url=gather_url,
            may_speak=phone.speech,
        )
        answer = partial(
            self._menu.answer,
            caller,
            "" if is_new else step.removeprefix(PREFIX),
            fields.get("Digits", ""),
            heard,
            _confidence(fields.get("Confidence", "")),
        )
        return Taken(by=_BY, answer=answer, yields_to_rules=is_new)


def _confidence(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
