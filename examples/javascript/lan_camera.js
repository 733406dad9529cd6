// A picture of a camera that only the home network reaches, when the front door opens.
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
  name: "LAN camera",
  triggers: [triggers.ItemStateChangeTrigger("FrontDoor", undefined, "OPEN")],
  execute: () => {
    // With the script inside openHAB, use the add-on's own line instead:
    //   const own = actions.thingActions("twilio", PHONE);
    //   own.sendWhatsApp(TO, "The garden, just now.", own.createProxyMediaUrl("http://192.168.1.20/snapshot.jpg"));
    const id = `lan_camera-${Date.now()}`;
    twilio("createProxyMediaUrl", { id, args: { sourceUrl: "http://192.168.1.20/snapshot.jpg" }, replyTo: `twilio/reply/rules/${id}` });
  },
});

rules.JSRule({
  name: "LAN camera, with its URL",
  triggers: [triggers.ChannelEventTrigger("mqtt:broker:mybroker:twilioReply")],
  execute: (event) => {
    const reply = JSON.parse(event.receivedEvent);
    if (reply.id.startsWith("lan_camera-")) {
      const mediaUrl = reply.ok ? reply.result.url : undefined;
      twilio("sendWhatsApp", { to: TO, message: reply.ok ? "The garden, just now." : "There is no picture.", mediaUrl });
    }
  },
});
