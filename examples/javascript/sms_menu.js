// Commands by text: STATUS, LIGHTS ON, LIGHTS OFF. For CAMERA see picture.js.
const { rules, triggers, actions, items } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const ALLOWED = ["+15559876543", "+15557654321"];

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

function answer(wish) {
  if (wish === "STATUS") {
    return `Door ${items.getItem("FrontDoor").state}, alarm ${items.getItem("AlarmSystem").state}`;
  }
  if (wish === "LIGHTS ON" || wish === "LIGHTS OFF") {
    items.getItem("GardenLights").sendCommand(wish.slice("LIGHTS ".length));
    return `${wish}: done.`;
  }
  return "STATUS, LIGHTS ON or LIGHTS OFF?";
}

rules.JSRule({
  name: "Commands by text",
  triggers: [triggers.ChannelEventTrigger(`${PHONE}:sms-received`)],
  execute: (event) => {
    const text = JSON.parse(event.receivedEvent);
    if (!ALLOWED.includes(text.from)) return;
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).sendSMS(text.from, answer(...));
    twilio("sendSMS", { to: text.from, message: answer(text.body.trim().toUpperCase()) });
  },
});
