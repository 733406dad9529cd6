// While AlarmCall is ON, one person after the other is called until somebody presses 1: a call each minute for ten minutes,
// then one every five minutes, so that the alarm continues until somebody confirms it, within the limits of a day.
const { rules, triggers, actions, items } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const FAMILY = ["+15559876543", "+15557654321"];
const ALARM = `<Response><Gather numDigits="1" action="{gatherUrl:alarm}">
<Say loop="3">There is an alarm. Press 1 to confirm.</Say></Gather></Response>`;
const THANKS = "<Response><Say>Thank you. Nobody else is called.</Say></Response>";

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

let calls = 0;
let minutes = 0;

rules.JSRule({
  name: "Alarm calls",
  triggers: [triggers.ItemStateChangeTrigger("AlarmCall", undefined, "ON"), triggers.GenericCronTrigger("0 * * * * ?")],
  execute: () => {
    minutes = items.getItem("AlarmCall").state === "ON" ? minutes + 1 : 0;
    if (minutes === 0 || (minutes > 10 && minutes % 5 !== 0)) return;
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).makeCall(FAMILY[calls++ % FAMILY.length], ALARM);
    twilio("makeCall", { to: FAMILY[calls++ % FAMILY.length], twiml: ALARM, emergency: true });
  },
});

rules.JSRule({
  name: "Alarm confirmed",
  triggers: [triggers.ChannelEventTrigger(`${PHONE}:dtmf-received`)],
  execute: (event) => {
    const call = JSON.parse(event.receivedEvent);
    if (call.menu !== "alarm") return;
    if (call.digits === "1") items.getItem("AlarmCall").sendCommand("OFF");
    twilio("respondWithTwiml", { callSid: call.callSid, twiml: call.digits === "1" ? THANKS : ALARM });
  },
});
