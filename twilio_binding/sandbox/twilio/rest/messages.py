"""Messages.json and what is below it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import failures, forms, traffic
from twilio_binding.sandbox.twilio.rest.pages import found, matching, page, shown
from twilio_binding.sandbox.twilio.world import World

_MOST_MEDIA = 10
_LONGEST = 1600


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the routes of messages."""

    @rest.post(f"{account_path}/Messages.json")
    def create_message() -> tuple[Response, int]:
        return _create(world)

    @rest.get(f"{account_path}/Messages.json")
    def list_messages() -> Response:
        wanted = matching(reversed(world.messages), {"To": "to", "From": "from"}, {"DateSent": "date_sent"})
        return page(world, "messages", wanted)

    @rest.get(f"{account_path}/Messages/<sid>.json")
    def fetch_message(sid: str) -> Response:
        return jsonify(shown(found(world.messages, sid)))

    @rest.post(f"{account_path}/Messages/<sid>.json")
    def update_message(sid: str) -> Response:
        message = found(world.messages, sid)
        if "Status" in request.form:
            # Only a scheduled message can be canceled, and the stand-in has none.
            raise failures.NOT_CANCELABLE
        if request.form.get("Body") == "":
            message |= {"body": "", "date_updated": forms.now()}
        return jsonify(shown(message))

    @rest.delete(f"{account_path}/Messages/<sid>.json")
    def delete_message(sid: str) -> tuple[str, int]:
        world.messages.remove(found(world.messages, sid))
        return "", 204


def _create(world: World) -> tuple[Response, int]:
    form = request.form.to_dict()
    media = request.form.getlist("MediaUrl")
    _check_content(form, media)
    _check_sender(world, form)
    failures.check_to(form["To"], failures.MESSAGE_TO)
    if world.conduct.account_type == "Trial" and form["To"] not in world.conduct.verified.split():
        raise failures.UNVERIFIED
    if form["To"].startswith("whatsapp:") != form["From"].startswith("whatsapp:"):
        raise failures.BAD_PAIR
    if (form["To"], form["From"]) in world.opted_out:
        raise failures.OPTED_OUT
    if form.get("StatusCallback"):
        failures.check_url(form["StatusCallback"], failures.BAD_CALLBACK)
    message = world.new_message(form, media, "outbound-api")
    answer = jsonify(shown(message))
    traffic.deliver(world, message)
    return answer, 201


def _check_content(form: dict[str, str], media: list[str]) -> None:
    if not form.get("To"):
        raise failures.NO_TO
    if not form.get("From") and not form.get("MessagingServiceSid"):
        raise failures.NO_FROM
    if not form.get("Body") and not media and not form.get("ContentSid"):
        raise failures.NO_BODY
    if len(form.get("Body", "")) > _LONGEST:
        raise failures.TOO_LONG
    if len(media) > _MOST_MEDIA:
        raise failures.BAD_MEDIA
    for url in media:
        failures.check_url(url, failures.BAD_MEDIA)


def _check_sender(world: World, form: dict[str, str]) -> None:
    if form.get("MessagingServiceSid"):
        # Twilio's messaging service would choose a number; the stand-in always uses the first of the account.
        form["From"] = next(iter(world.numbers.values()))["phone_number"]
    sender = form["From"].removeprefix("whatsapp:")
    failure = failures.MESSAGE_FROM.get(sender)
    if failure is not None:
        raise failure
    if sender != failures.ALWAYS_OURS and world.number(sender) is None:
        raise failures.NOT_OURS
