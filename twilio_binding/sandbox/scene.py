"""The steps of the demo, with stand-ins for openHAB and Twilio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from twilio_binding.actions import connect, phone
from twilio_binding.mqtt import Client
from twilio_binding.plurals import counted
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.item_scene import menu_call, text_command
from twilio_binding.sandbox.observer import Observer
from twilio_binding.sandbox.stack import Stack, stack
from twilio_binding.sandbox.waiting import SandboxError, until


class Scene:
    """One method for each step of the demo. It returns the result in one line, or raises `SandboxError`."""

    def __init__(self, stack: Stack, client: Client) -> None:
        self._stack = stack
        self._openhab, self._twilio = stack.openhab, stack.twilio
        self._phone = phone(PHONE, client)
        self.see = Observer(stack)

    def acts(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Title and method of each step, in order."""
        yield "A call, and no rule listens", self.call_without_rule
        yield "A text comes in", self.text_in
        yield 'The text "status" is answered', self.status_answered
        yield "A picture message comes in", self.picture_in
        yield "A WhatsApp message comes in", self.whatsapp_in
        yield "A text switches an item", lambda: text_command(self._stack, self.see)
        yield "A call switches it by key", lambda: menu_call(self._stack, self.see)
        yield "A call with a menu of two levels", self.call_with_menu
        yield "An alarm calls out", self.alarm_out
        yield "Somebody forges a webhook", self.forged
        yield "Twilio delivers a webhook twice", self.delivered_twice
        yield "openHAB restarts while texts come in", self.openhab_restarts

    def call_without_rule(self) -> str:
        """No rule answers: the caller hears the default greeting immediately."""
        report = self.see.call([])
        self.see.expect(report.requests[0]["ms"] < 1000, "the default greeting came late")
        self.see.expect(report.said[-1:] == ["No input received. Goodbye."], f"the caller heard {report.said}")
        self.see.took("default greeting", report.requests[0]["ms"])
        self._stack.start_rule()
        return f"the caller hears the default greeting after {report.requests[0]['ms']:.0f} ms; now the rule starts"

    def text_in(self) -> str:
        """A text sets items and fires the trigger."""
        exchange = self.see.receive("Hello from Ada ❤")
        self.see.item("TwilioLastMessage", "Hello from Ada ❤")
        self.see.item("TwilioLastFrom", "+15559876543")
        event = self.see.trigger("sms-received", lambda event: event["body"] == "Hello from Ada ❤")
        self.see.expect(event["messageSid"] == exchange["form"]["MessageSid"], "the trigger has another SID")
        return "items TwilioLastMessage and TwilioLastFrom follow, trigger sms-received fires"

    def status_answered(self) -> str:
        """The rule answers a text."""
        before = len(self._twilio.messages())
        self.see.receive("Status")
        answer = until(lambda: self._twilio.messages()[before + 1 :], "the rule's answer")[0]
        status = self.see.trigger("message-status", lambda event: event["messageSid"] == answer["sid"])
        self.see.expect("requestId" in status, "the status does not name the request that caused it")
        self.see.trigger("message-status", lambda event: event["messageStatus"] == "delivered")
        self.see.count("messages sent")
        return f"the rule answers “{answer['body']}”, Twilio reports it delivered"

    def picture_in(self) -> str:
        """The trigger has URL and type of the picture."""
        url = f"{self._twilio.url}/2010-04-01/Accounts/AC00/Messages/MM00/Media/ME01"
        self.see.receive("", media=[(url, "image/jpeg")])
        event = self.see.trigger("sms-received", lambda event: event["mediaUrls"] == [url])
        return f"{event['numMedia']} picture, its URL and type {event['mediaTypes'][0]} are in trigger sms-received"

    def whatsapp_in(self) -> str:
        """A WhatsApp message fires its own trigger."""
        self.see.receive("Hi there", sender="whatsapp:+15559876543")
        event = self.see.trigger("whatsapp-received", lambda event: event["body"] == "Hi there")
        return f"trigger whatsapp-received fires, from {event['profileName']}"

    def call_with_menu(self) -> str:
        """The rule answers a call with two menus."""
        report = self.see.call(["1", "1"])
        self.see.expect(report.said[-1] == "The alarm is armed. Goodbye.", f"the caller heard {report.said}")
        for request in report.requests:
            self.see.took("answer of a rule to a caller", request["ms"])
        self.see.item("TwilioLastDtmf", "1")
        slowest = max(request["ms"] for request in report.requests)
        return f"keys 1, 1: “{report.said[-1]}” ({len(report.requests)} answers, none over {slowest:.0f} ms)"

    def alarm_out(self) -> str:
        """A rule calls a person, and gets the statuses of the call."""
        self._twilio.contact("+15557654321", answered_by="human")
        started = time.monotonic()
        result = self._phone.makeTTSCall("+15557654321", "Alarm: the front door is open!")
        self.see.took("action, from request to reply", (time.monotonic() - started) * 1000)
        self.see.expect(bool(result), f"the call was refused: {result.code}")
        self.see.count("calls made")
        own = (result.sid, "completed")
        self.see.trigger("call-status-update", lambda event: (event["callSid"], event["callStatus"]) == own)
        seen = [
            event["callStatus"] for event in self.see.events("call-status-update") if event["callSid"] == result.sid
        ]
        self.see.expect(seen == ["initiated", "ringing", "in-progress", "completed"], f"the statuses were {seen}")
        said = until(lambda: self._twilio.calls()[-1].get("walk"), "the call to be answered")["said"]
        return f"“{said[0]}”, statuses {', '.join(seen)}"

    def forged(self) -> str:
        """A webhook with a wrong signature has no effect."""
        exchange = self._twilio.webhooks.forge(
            "sms", {"From": "+15550000000", "Body": "open the door", "MessageSid": "SM0"}
        )
        self.see.expect(exchange["status"] == 403, f"it was answered {exchange['status']}")
        self.see.receive("after the forgery")
        self.see.trigger("sms-received", lambda event: event["body"] == "after the forgery")
        heard = [event["body"] for event in self.see.events("sms-received")]
        self.see.expect("open the door" not in heard, "the forgery reached openHAB")
        self.see.count("forgeries refused")
        return "403, and openHAB hears nothing of it"

    def delivered_twice(self) -> str:
        """A copy of a webhook gets the same answer and has no effect."""
        exchange = self.see.receive("only once")
        again = self._twilio.webhooks.redeliver(exchange["n"])
        self.see.expect(again["answer"] == exchange["answer"], "the copies got different answers")
        self.see.receive("and on")
        self.see.trigger("sms-received", lambda event: event["body"] == "and on")
        fired = [event for event in self.see.events("sms-received") if event["body"] == "only once"]
        self.see.expect(len(fired) == 1, f"the trigger fired {len(fired)} times")
        self.see.count("duplicates told apart")
        return "the same answer, one trigger"

    def openhab_restarts(self) -> str:
        """Texts that arrive while openHAB restarts reach it afterwards, each once, in order."""
        texts = [f"text {n} of 30" for n in range(1, 31)]
        for text in texts[:10]:
            self.see.receive(text)
        # An event that fires while openHAB shuts down may fire again (docs/guarantees.md).
        self.see.trigger("sms-received", lambda event: event["body"] == texts[9])
        self._openhab.restart(0.1)
        for text in texts[10:]:
            self.see.receive(text)
        self.see.trigger("sms-received", lambda event: event["body"] == texts[-1], seconds=40)
        fired = [event["body"] for event in self.see.events("sms-received") if event["body"] in texts]
        self.see.expect(fired == texts, f"openHAB heard {len(fired)} of 30, or in another order")
        self.see.item("TwilioLastMessage", texts[-1])
        self.see.item("TwilioLastCallFrom", "+15559876543")
        return "30 texts, none lost, none twice, all in order; the items have their states again"


def play(say: Callable[[str, str], None]) -> None:
    """Run all steps. `say(title, text)` is called after each. Raises `SandboxError` with the log if a step fails."""
    with stack() as up, connect(up.broker.url, name="demo") as client:
        scene = Scene(up, client)
        say(
            "Everything is up",
            f"service serving {up.service.start_seconds:.1f} s after its start, broker {up.broker.kind}",
        )
        for title, act in scene.acts():
            try:
                say(title, act())
            except SandboxError as error:
                raise SandboxError(
                    f"{title}: {error}\n\n{up.service.log.read_text(encoding='utf-8')[-3000:]}"
                ) from None
        say("", "")
        for what, number in scene.see.counts.items():
            say(what, f"{number:>4}")
        for what, times in scene.see.times.items():
            times.sort()
            say(
                what,
                f"{counted(len(times), 'time'):>10}, median {times[len(times) // 2]:.1f} ms, slowest {times[-1]:.1f} ms",
            )
