package house;

import java.util.List;
import java.util.Map;

import org.openhab.core.config.core.ConfigDescription;
import org.openhab.core.config.core.ConfigDescriptionParameter;
import org.openhab.core.config.discovery.DiscoveryResult;
import org.openhab.core.thing.Channel;
import org.openhab.core.thing.ThingStatusInfo;
import org.openhab.core.thing.type.BridgeType;
import org.openhab.core.thing.type.ChannelDefinition;
import org.openhab.core.thing.type.ChannelType;
import org.openhab.core.thing.type.ThingType;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Things and types as JSON, by the names that openHAB's REST interface uses. */
class Describe {
    private static final Gson GSON = new Gson();

    private Describe() {
    }

    private static JsonElement list(List<String> values) {
        return GSON.toJsonTree(values);
    }

    static JsonObject thing(SimpleThing thing, Items items) {
        JsonObject json = new JsonObject();
        json.addProperty("UID", thing.getUID().getAsString());
        json.addProperty("thingTypeUID", thing.getThingTypeUID().getAsString());
        json.addProperty("label", thing.getLabel());
        json.addProperty("bridgeUID", thing.getBridgeUID() == null ? null : thing.getBridgeUID().getAsString());
        json.addProperty("editable", thing.editable);
        json.addProperty("semanticEquipmentTag", thing.getSemanticEquipmentTag());
        json.add("properties", GSON.toJsonTree(thing.getProperties()));
        json.add("configuration", GSON.toJsonTree(thing.getConfiguration().getProperties()));
        ThingStatusInfo info = thing.getStatusInfo();
        JsonObject status = new JsonObject();
        status.addProperty("status", info.status().name());
        status.addProperty("statusDetail", info.statusDetail().name());
        if (info.description() != null) {
            status.addProperty("description", info.description());
        }
        json.add("statusInfo", status);
        JsonArray channels = new JsonArray();
        thing.getChannels().forEach(channel -> channels.add(channel(channel, items)));
        json.add("channels", channels);
        return json;
    }

    private static JsonObject channel(Channel channel, Items items) {
        JsonObject json = new JsonObject();
        json.addProperty("uid", channel.uid().getAsString());
        json.addProperty("id", channel.uid().getId());
        json.addProperty("channelTypeUID", channel.channelTypeUID().getAsString());
        if (channel.acceptedItemType() != null) {
            json.addProperty("itemType", channel.acceptedItemType());
        }
        json.addProperty("kind", channel.kind().name());
        json.addProperty("label", channel.label());
        json.addProperty("description", channel.description());
        json.add("defaultTags", GSON.toJsonTree(channel.defaultTags()));
        json.add("linkedItems", GSON.toJsonTree(items.linkedTo(channel.uid().getAsString())));
        return json;
    }

    static JsonObject thingType(ThingType type) {
        JsonObject json = new JsonObject();
        json.addProperty("UID", type.uid.getAsString());
        json.addProperty("label", type.label);
        json.addProperty("description", type.description);
        json.addProperty("listed", type.listed);
        json.addProperty("bridge", type instanceof BridgeType);
        json.addProperty("semanticEquipmentTag", type.tag);
        json.addProperty("representationProperty", type.representationProperty);
        json.add("supportedBridgeTypeUIDs", list(type.bridges));
        JsonArray channels = new JsonArray();
        for (ChannelDefinition definition : type.channels) {
            JsonObject one = new JsonObject();
            one.addProperty("id", definition.id());
            one.addProperty("typeUID", definition.type().getAsString());
            channels.add(one);
        }
        json.add("channels", channels);
        return json;
    }

    static JsonObject channelType(ChannelType type) {
        JsonObject json = new JsonObject();
        json.addProperty("UID", type.uid().getAsString());
        json.addProperty("kind", type.kind().name());
        json.addProperty("label", type.label());
        json.addProperty("description", type.description());
        json.addProperty("advanced", type.advanced());
        json.add("tags", list(type.tags()));
        if (type.itemType() != null) {
            json.addProperty("itemType", type.itemType());
        }
        if (type.state() != null) {
            json.addProperty("autoUpdate", String.valueOf(type.autoUpdate()));
            json.add("stateDescription", GSON.toJsonTree(Map.of("readOnly", type.state().readOnly(), "options", List.of())));
        }
        return json;
    }

    static JsonObject config(ConfigDescription description) {
        JsonObject json = new JsonObject();
        json.addProperty("uri", description.uri().toString());
        JsonArray parameters = new JsonArray();
        description.parameters().forEach(parameter -> parameters.add(parameter(parameter)));
        json.add("parameters", parameters);
        return json;
    }

    private static JsonObject parameter(ConfigDescriptionParameter parameter) {
        JsonObject json = new JsonObject();
        json.addProperty("name", parameter.name);
        json.addProperty("type", parameter.type.name());
        json.addProperty("label", parameter.label);
        json.addProperty("description", parameter.description);
        json.addProperty("required", parameter.required);
        json.addProperty("advanced", parameter.advanced);
        json.addProperty("multiple", parameter.multiple);
        json.addProperty("limitToOptions", parameter.limitToOptions);
        json.add("options", GSON.toJsonTree(parameter.options.stream().map(option -> Map.of("value", option.value(), "label", option.label())).toList()));
        json.addProperty("context", parameter.context);
        json.addProperty("default", parameter.defaultValue);
        json.addProperty("unit", parameter.unit);
        json.addProperty("unitLabel", parameter.unitLabel);
        json.addProperty("min", parameter.min);
        json.addProperty("max", parameter.max);
        return json;
    }

    static JsonObject result(DiscoveryResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("thingUID", result.thingUID().getAsString());
        json.addProperty("thingTypeUID", result.thingTypeUID().getAsString());
        json.addProperty("bridgeUID", result.bridgeUID() == null ? null : result.bridgeUID().getAsString());
        json.addProperty("flag", result.flag());
        json.addProperty("label", result.label());
        json.addProperty("representationProperty", result.representationProperty());
        json.add("properties", GSON.toJsonTree(result.properties()));
        return json;
    }
}
