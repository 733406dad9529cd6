"""Texts of known senders are answered; those of strangers are not."""

from openhab_twilio import on_sms

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}


@on_sms(PHONE)
def answer(text):
    return f"The house has read: {text.body}" if text.sender in ALLOWED else None
