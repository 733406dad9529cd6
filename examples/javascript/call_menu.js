// A call is greeted with a menu, and each key has its answer.
const { rules, triggers, actions, items } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const MENU = `<Response><Gather numDigits="1" action="{gatherUrl:house}">
<Say>Welcome home. Press 1 for the door, 2 for the garden lights.</Say></Gather>
<Say>Nothing was pressed. Goodbye.</Say></Response>`;
const say = (text) => `<Response><Say>${text}</Say></Response>`;

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

function answer(call) {
  if (call.menu !== "house") return MENU;
  if (call.digits === "1") return say(`The front door is ${items.getItem("FrontDoor").state.toLowerCase()}.`);
  if (call.digits === "2") {
    items.getItem("GardenLights").sendCommand("ON");
    return say("The garden lights are on.");
  }
  return say("There is no such key. Goodbye.");
}

rules.JSRule({
  name: "Calls with keys",
  triggers: ["call-received", "dtmf-received"].map((channel) => triggers.ChannelEventTrigger(`${PHONE}:${channel}`)),
  execute: (event) => {
    const call = JSON.parse(event.receivedEvent);
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).respondWithTwiml(call.callSid, answer(call));
    twilio("respondWithTwiml", { callSid: call.callSid, twiml: answer(call) });
  },
});
