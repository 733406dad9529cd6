// The alarm system by phone, behind a PIN.
// The menu's name is part of the URL that Twilio signs, so nobody gets to the panel without the PIN. The state of
// last-dtmf-digits contains the PIN: do not link an item that others can see.
const { rules, triggers, actions, items } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const ALLOWED = ["+15559876543", "+15557654321"];
const PIN = "4711";
const ASK = `<Response><Gather numDigits="4" action="{gatherUrl:pin}"><Say>Your PIN, please.</Say></Gather></Response>`;
const PANEL = `<Response><Gather numDigits="1" action="{gatherUrl:panel}">
<Say>Press 1 to arm, 2 to disarm, 3 for the state.</Say></Gather></Response>`;
const MODES = { 1: "ARMED", 2: "DISARMED" };
const say = (text) => `<Response><Say>${text}</Say></Response>`;

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

function answer(call) {
  const alarm = items.getItem("AlarmSystem");
  if (!ALLOWED.includes(call.from)) return say("Access denied.");
  if (call.digits === undefined) return ASK;
  if (call.menu === "pin") return call.digits === PIN ? PANEL : say("Wrong PIN.");
  if (call.menu !== "panel") return say("Goodbye.");
  if (!(call.digits in MODES)) return say(`The alarm system is ${alarm.state.toLowerCase()}.`);
  alarm.sendCommand(MODES[call.digits]);
  return say(`The alarm system is ${MODES[call.digits].toLowerCase()}.`);
}

rules.JSRule({
  name: "Security panel",
  triggers: ["call-received", "dtmf-received"].map((channel) => triggers.ChannelEventTrigger(`${PHONE}:${channel}`)),
  execute: (event) => {
    const call = JSON.parse(event.receivedEvent);
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).respondWithTwiml(call.callSid, answer(call));
    twilio("respondWithTwiml", { callSid: call.callSid, twiml: answer(call) });
  },
});
