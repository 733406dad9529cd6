"""Requests for media URLs: `createItemMediaUrl`, `createProxyMediaUrl`."""

from __future__ import annotations

from twilio_binding.media.urls import MediaURLs
from twilio_binding.model import actions
from twilio_binding.model.things import ThingsSource
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

ITEM, SOURCE = "createItemMediaUrl", "createProxyMediaUrl"


class MediaRequests:
    """Creates the URLs that rules request."""

    def __init__(self, things: ThingsSource, urls: MediaURLs) -> None:
        self._things = things
        self._urls = urls

    def carry_out(self, request: Request) -> Reply:
        """The reply with the URL; raises `Refusal`."""
        things = self._things.current()
        account = things.account_of(things.phone(request.thing))
        action = actions.read(request.action, request.args)
        if not isinstance(action, actions.ItemMedia | actions.ProxyMedia):
            raise Refusal("unknown_action", "this action makes no media URL")
        return self._urls.create(request, account, action)
