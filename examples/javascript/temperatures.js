// The temperatures at home by phone: press the number of a room.
const { rules, triggers, actions, items } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const ROOMS = { 1: ["living room", "LivingRoomTemperature"], 2: ["bedroom", "BedroomTemperature"] };
const menu = (text) => `<Response><Gather numDigits="1" action="{gatherUrl:rooms}">
<Say>${text} Press 1 for the living room, 2 for the bedroom.</Say></Gather></Response>`;

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

function answer(call) {
  if (call.digits === undefined) return menu("Hello.");
  if (!(call.digits in ROOMS)) return menu("There is no such room.");
  const [name, item] = ROOMS[call.digits];
  return menu(`It is ${items.getItem(item).state.split(" ")[0]} degrees in the ${name}.`);
}

rules.JSRule({
  name: "Temperatures by phone",
  triggers: ["call-received", "dtmf-received"].map((channel) => triggers.ChannelEventTrigger(`${PHONE}:${channel}`)),
  execute: (event) => {
    const call = JSON.parse(event.receivedEvent);
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).respondWithTwiml(call.callSid, answer(call));
    twilio("respondWithTwiml", { callSid: call.callSid, twiml: answer(call) });
  },
});
