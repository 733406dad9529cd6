// As much of openHAB's JavaScript library as the examples use: what they publish goes to the terminal, a JSON a line.
const Module = require("module");
const path = require("path");

const [, , example, events] = process.argv;
const rules = [];
const states = { FrontDoor: "OPEN", AlarmSystem: "ARMED", AlarmCall: "ON", LivingRoomTemperature: "21.5 °C" };
const say = (line) => console.log(JSON.stringify(line));
const trigger = (kind) => (...given) => ({ kind, given });
const openhab = {
  rules: { JSRule: (rule) => rules.push(rule) },
  triggers: {
    ChannelEventTrigger: trigger("channel"),
    ItemStateChangeTrigger: trigger("item"),
    GenericCronTrigger: trigger("cron"),
  },
  actions: {
    thingActions: (scope, thing) => ({ publishMQTT: (topic, payload) => say({ scope, thing, topic, payload }) }),
  },
  items: {
    getItem: (name) => ({
      get state() {
        return states[name] ?? "NULL";
      },
      sendCommand: (command) => {
        states[name] = command;
        say({ item: name, command });
      },
    }),
  },
};
const load = Module._load;
Module._load = (name, ...more) => (name === "openhab" ? openhab : load(name, ...more));
require(path.resolve(example));
for (const [kind, name, payload] of JSON.parse(events)) {
  for (const rule of rules) {
    const hits = rule.triggers.filter((each) => each.kind === kind && (kind === "cron" || each.given[0] === name));
    if (hits.length) rule.execute({ receivedEvent: payload });
  }
}
