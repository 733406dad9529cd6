"""Twilio's most common error codes: their meaning for a user, and what to do."""

from __future__ import annotations

_MEANINGS = {
    # the account
    20003: "the Account SID, the auth token or the API key is wrong",
    20005: "the account is suspended or closed; see the Twilio Console",
    20404: "Twilio does not have the requested resource",
    20429: "too many requests at a time; wait a moment",
    # numbers and permissions
    21210: "the calling number is neither a Twilio number nor verified",
    21211: "this number cannot be reached",
    21212: "the sender is not a number that may send",
    21214: "this number cannot be called",
    21215: "calls to this country are not allowed; see Geo Permissions in the Twilio Console",
    21216: "Twilio blocks calls to this number",
    21217: "this is not a phone number",
    21219: "a trial account calls verified numbers only; verify this one in the Twilio Console",
    21220: "the call is over already",
    21408: "messages to this country are not allowed; see Geo Permissions in the Twilio Console",
    21601: "the sender cannot send messages",
    21602: "the message has no text",
    21606: "the sender is not one of this account, or cannot send such messages",
    21608: "a trial account sends to verified numbers only; verify this one in the Twilio Console",
    21609: "Twilio cannot use the status callback URL; check that the internet can reach publicUrl",
    21610: "the recipient has answered STOP; only a START from the recipient undoes it",
    21611: "too many messages are waiting at Twilio for this sender; wait a moment",
    21612: "messages from this sender cannot reach this recipient",
    21614: "the recipient is not a mobile number",
    21617: "the text is too long",
    21619: "a message needs a text or a picture",
    21620: "Twilio cannot use the address of the picture",
    21623: "there are too many pictures in one message",
    # webhooks and TwiML
    11200: "Twilio got no valid answer from a URL of the service; check that the internet can reach it",
    11205: "Twilio could not connect to a URL of the service; check that the internet can reach it",
    11210: "the host name in a URL of the service does not exist",
    11750: "an answer with TwiML was too large",
    12100: "the TwiML of an answer is not well-formed",
    12200: "the TwiML of an answer contains something that Twilio does not know",
    12300: "a picture or an answer had a content type that Twilio does not accept",
    13224: "this is not a number that can be called",
    13225: "Twilio blocks calls to this number",
    13227: "calls to this country are not allowed; see Geo Permissions in the Twilio Console",
    # delivery of texts and pictures
    30001: "too many messages were waiting for too long",
    30002: "the account was suspended while the message was on its way",
    30003: "the phone is off or cannot be reached",
    30004: "the recipient or the carrier blocks such messages",
    30005: "the number is not in use",
    30006: "a landline, or a carrier that accepts no messages",
    30007: "the carrier classified it as unwanted advertising",
    30008: "the carrier gave no reason",
    30009: "a part of the message got lost",
    30010: "the message would cost more than was allowed",
    30011: "pictures cannot be sent to this country",
    30017: "the carrier's network is overloaded",
    30019: "the picture is too large for the carrier",
    30022: "more messages than the registered campaign may send",
    30023: "the day's limit of the registered brand is reached",
    30032: "the toll-free number is not verified yet",
    30034: "messages to the USA need a sender with a registered campaign (A2P 10DLC)",
    30039: "the number seems to be in a loop with another machine",
    # WhatsApp
    63003: "the recipient has no WhatsApp",
    63005: "WhatsApp did not accept the content",
    63007: "the sender is not set up for WhatsApp",
    63013: "WhatsApp refused the message because of its rules",
    63015: "the recipient has not joined the WhatsApp sandbox",
    63016: "the recipient last wrote more than a day ago; WhatsApp then accepts only approved templates",
    63018: "WhatsApp accepts no more messages from this sender for now",
    63019: "WhatsApp could not fetch the picture",
    63021: "WhatsApp does not accept this content",
    63024: "the recipient has no WhatsApp",
}


def meaning(code: str | int) -> str:
    """The meaning of a code, as a sentence without its period; "" for unknown codes."""
    text = str(code)
    return _MEANINGS.get(int(text), "") if text.isascii() and text.isdigit() and len(text) < 9 else ""
