// Texts of known senders are answered; those of strangers are not.
const { rules, triggers, actions } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const ALLOWED = ["+15559876543", "+15557654321"];

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

rules.JSRule({
  name: "Reply",
  triggers: [triggers.ChannelEventTrigger(`${PHONE}:sms-received`)],
  execute: (event) => {
    const text = JSON.parse(event.receivedEvent);
    if (!ALLOWED.includes(text.from)) return;
    // With the script inside openHAB, use the add-on's own line instead:
    //   actions.thingActions("twilio", PHONE).sendSMS(text.from, "...");
    twilio("sendSMS", { to: text.from, message: `The house has read: ${text.body}` });
  },
});
