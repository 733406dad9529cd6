// A text to two phones when the front door opens.
const { rules, triggers, actions } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const FAMILY = ["+15559876543", "+15557654321"];

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

rules.JSRule({
  name: "Alert",
  triggers: [triggers.ItemStateChangeTrigger("FrontDoor", undefined, "OPEN")],
  execute: () => {
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).sendSMS(FAMILY[0], "The front door was opened.");
    twilio("sendSMS", { to: FAMILY, message: "The front door was opened." });
  },
});
