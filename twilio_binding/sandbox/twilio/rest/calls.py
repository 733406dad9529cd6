"""Calls.json and what is below it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import failures, traffic
from twilio_binding.sandbox.twilio.rest.pages import found, matching, page, shown
from twilio_binding.sandbox.twilio.world import World

_LONGEST_TWIML = 4000
_OVER = ("completed", "canceled")
_FILTERS = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid"}


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the routes of calls."""

    @rest.post(f"{account_path}/Calls.json")
    def create_call() -> tuple[Response, int]:
        return _create(world)

    @rest.get(f"{account_path}/Calls.json")
    def list_calls() -> Response:
        dates = {"StartTime": "start_time", "EndTime": "end_time"}
        return page(world, "calls", matching(reversed(world.calls), _FILTERS, dates))

    @rest.get(f"{account_path}/Calls/<sid>.json")
    def fetch_call(sid: str) -> Response:
        return jsonify(shown(found(world.calls, sid)))

    @rest.post(f"{account_path}/Calls/<sid>.json")
    def update_call(sid: str) -> Response:
        return _update(world, sid)

    @rest.delete(f"{account_path}/Calls/<sid>.json")
    def delete_call(sid: str) -> tuple[str, int]:
        world.calls.remove(found(world.calls, sid))
        return "", 204


def _create(world: World) -> tuple[Response, int]:
    form = request.form.to_dict()
    if not form.get("To"):
        raise failures.NO_CALL_TO
    if not form.get("From"):
        raise failures.NO_CALL_FROM
    if form["From"] in failures.MESSAGE_FROM:
        raise failures.BAD_FROM if form["From"].endswith("1") else failures.CALL_FROM
    if form["From"] != failures.ALWAYS_OURS and world.number(form["From"]) is None:
        raise failures.CALL_FROM
    _check_instructions(form)
    failures.check_to(form["To"], failures.CALL_TO)
    if form.get("StatusCallback"):
        failures.check_url(form["StatusCallback"], failures.BAD_CALLBACK)
    call = world.new_call(form, "outbound-api")
    answer = jsonify(shown(call))
    traffic.dial(world, call, _wanted(form))
    return answer, 201


def _check_instructions(form: dict[str, str]) -> None:
    if form.get("Url"):
        failures.check_url(form["Url"], failures.BAD_URL)
    elif not form.get("Twiml"):
        raise failures.BAD_URL
    elif len(form["Twiml"]) > _LONGEST_TWIML:
        raise failures.TWIML_TOO_LONG


def _wanted(form: dict[str, str]) -> traffic.Wanted:
    is_async = form.get("AsyncAmd") == "true"
    return traffic.Wanted(
        events=frozenset(request.form.getlist("StatusCallbackEvent") or ["completed"]),
        method=form.get("Method", "POST"),
        callback_method=form.get("StatusCallbackMethod", "POST"),
        detects_machines=form.get("MachineDetection") in ("Enable", "DetectMessageEnd"),
        amd_callback=form.get("AsyncAmdStatusCallback", "") if is_async else "",
    )


def _update(world: World, sid: str) -> Response:
    call = found(world.calls, sid)
    form = request.form
    going_on = world.background.calls.get(sid)
    if form.get("Status", _OVER[0]) not in _OVER or (form.get("Url") and form.get("Twiml")):
        raise failures.BAD_PARAMETER
    if going_on is None:
        raise failures.CALL_IS_OVER
    if form.get("Url") or form.get("Twiml"):
        _check_instructions(form.to_dict())
        going_on.go_on_with(form.get("Twiml", ""), form.get("Url", ""))
    elif "Status" in form:
        going_on.hang_up()
    return jsonify(shown(call))
