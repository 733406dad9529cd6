"""Texts of known senders are answered; those of strangers are not."""

from __future__ import annotations

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}

own = phone(PHONE)
came = listen(PHONE, "sms-received")
while True:
    _, text = came.get()
    if text["from"] in ALLOWED:
        own.sendSMS(text["from"], f"The house has read: {text['body']}")
