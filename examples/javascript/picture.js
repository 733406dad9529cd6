// The picture of an Image item as a message, when the front door opens.
// Over MQTT the URL comes with the reply, on a trigger channel of openHAB's broker thing:
//   Type publishTrigger : twilioReply [ stateTopic="twilio/reply/rules/+" ]
const { rules, triggers, actions } = require("openhab");

const PHONE = "twilio:phone:myaccount:myphone";
const TO = "+15559876543";

function twilio(action, args) {
  const mqtt = actions.thingActions("mqtt", "mqtt:broker:mybroker");
  mqtt.publishMQTT(`twilio/action/${PHONE}/${action}`, JSON.stringify(args));
}

rules.JSRule({
  name: "Picture",
  triggers: [triggers.ItemStateChangeTrigger("FrontDoor", undefined, "OPEN")],
  execute: () => {
    // With the script inside openHAB, use the add-on's own line instead:
    //   const own = actions.thingActions("twilio", PHONE);
    //   own.sendSMS(TO, "Somebody is at the door.", own.createItemMediaUrl("DoorCamera"));
    const id = `picture-${Date.now()}`;
    twilio("createItemMediaUrl", { id, args: { itemName: "DoorCamera" }, replyTo: `twilio/reply/rules/${id}` });
  },
});

rules.JSRule({
  name: "Picture, with its URL",
  triggers: [triggers.ChannelEventTrigger("mqtt:broker:mybroker:twilioReply")],
  execute: (event) => {
    const reply = JSON.parse(event.receivedEvent);
    if (reply.id.startsWith("picture-")) {
      const mediaUrl = reply.ok ? reply.result.url : undefined;
      twilio("sendSMS", { to: TO, message: reply.ok ? "Somebody is at the door." : "There is no picture.", mediaUrl });
    }
  },
});
