"""`/rest/rules`: rules, their status, and runs on request."""

from __future__ import annotations

from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import JSON, Answer, Refused, as_json, bad_json, done, empty, error
from twilio_binding.sandbox.openhab.rest.request import RestRequest, decoded
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role
from twilio_binding.sandbox.openhab.rules import Rule


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("POST", "rules/{id}/runnow", Role.USER, run_now)
    yield route("GET", "rules", Role.NOBODY, get_rules)
    yield route("POST", "rules", Role.ADMIN, post_rule)
    yield route("GET", "rules/{id}", Role.ADMIN, get_rule)
    yield route("PUT", "rules/{id}", Role.ADMIN, put_rule)
    yield route("DELETE", "rules/{id}", Role.ADMIN, delete_rule)
    yield route("POST", "rules/{id}/enable", Role.ADMIN, enable)
    yield route("GET", "rules/{id}/config", Role.ADMIN, get_config)
    yield route("GET", "rules/{id}/(triggers|conditions|actions)", Role.ADMIN, get_modules)


def run_now(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Run a rule. The answer is 200, whatever happens to the run."""
    rule = _existing(openhab, uid)
    text = _input(request)
    scripts = [str(action.get("configuration")) for action in rule.modules("actions")]
    is_bad = any(openhab.hooks.loses("bad-script", script) for script in scripts)
    if is_bad or openhab.hooks.loses("lose-run", request.path):
        rule.lost += 1
    else:
        openhab.engine.run(rule, text)
    return empty(200)


def get_rules(openhab: Instance, request: RestRequest) -> Answer:
    """All rules. Everybody may read the summary, administrators the rest. A user gets 401, not 403."""
    query = request.query
    summary = query.get("summary") == "true"
    needed = Role.USER if summary else Role.ADMIN
    if request.caller.role < needed:
        return error(401, "Authentication required")
    tags = {tag for tag in query.get("tags", "").split(",") if tag}
    prefix = query.get("prefix", "")
    found = [rule for rule in openhab.rules if tags <= _tags(rule) and _has_prefix(rule, prefix)]
    return as_json([_summary(openhab, rule) if summary else _full(openhab, rule) for rule in found])


def post_rule(openhab: Instance, request: RestRequest) -> Answer:
    """Add a rule."""
    definition = _definition(request)
    uid = str(definition.get("uid") or "")
    if uid and openhab.rules.get(uid) is not None:
        reason = f"Cannot add element, because an element with same UID ({uid}) already exists."
        return error(409, f"Creation of the rule is refused: {reason}")
    rule = openhab.rules.add(definition)
    return Answer(status=201, headers=(("Location", f"rules/{rule.uid}"),))


def get_rule(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """One rule with its status."""
    del request
    return as_json(_full(openhab, _existing(openhab, uid)))


def put_rule(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Replace a rule. A rule from a file gets 404."""
    definition, rule = _definition(request), _existing(openhab, uid)
    if not rule.editable:
        return empty(404)
    openhab.rules.update(rule, {**definition, "uid": rule.uid})
    return done()


def delete_rule(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Delete a rule. A rule from a file gets 404."""
    del request
    rule = _existing(openhab, uid)
    if not rule.editable:
        return empty(404)
    openhab.rules.remove(rule)
    return done()


def enable(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Enable or disable a rule. Every body except `false` enables it."""
    rule = _existing(openhab, uid)
    openhab.rules.enable(rule, enabled=request.text.strip().lower() != "false")
    return done()


def get_config(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """The configuration of a rule."""
    del request
    return as_json(_existing(openhab, uid).configuration)


def get_modules(openhab: Instance, request: RestRequest, uid: str, kind: str) -> Answer:
    """The modules of a rule."""
    del request
    return as_json(_existing(openhab, uid).dto()[kind])


def _existing(openhab: Instance, uid: str) -> Rule:
    rule = openhab.rules.get(decoded(uid))
    if rule is None:
        raise Refused(empty(404))
    return rule


def _definition(request: RestRequest) -> dict[str, object]:
    body = request.json()
    if not isinstance(body, dict):
        raise Refused(bad_json(request.text))
    return body


def _input(request: RestRequest) -> str | None:
    """The text that the script gets as `input`; None if there is none, or if it is not a string."""
    if request.content_type != JSON:
        return None
    body = request.json()
    text = body.get("input") if isinstance(body, dict) else None
    return text if isinstance(text, str) else None


def _tags(rule: Rule) -> set[str]:
    tags = rule.definition.get("tags")
    return {str(tag) for tag in tags} if isinstance(tags, list) else set()


def _has_prefix(rule: Rule, prefix: str) -> bool:
    return not prefix or any(tag.startswith(f"{prefix}:") for tag in _tags(rule))


def _full(openhab: Instance, rule: Rule) -> dict[str, object]:
    return {"status": openhab.rules.status(rule), "editable": rule.editable, **rule.dto()}


def _summary(openhab: Instance, rule: Rule) -> dict[str, object]:
    head: dict[str, object] = {"status": openhab.rules.status(rule), "editable": rule.editable}
    return head | ({"configuration": rule.configuration} if openhab.options.queues_runs else {}) | rule.summary()
