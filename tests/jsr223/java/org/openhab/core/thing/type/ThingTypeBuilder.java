package org.openhab.core.thing.type;

import java.net.URI;
import java.util.List;

import org.openhab.core.thing.ThingTypeUID;

public class ThingTypeBuilder {
    final ThingTypeUID uid;
    final String label;
    String description;
    boolean listed = true;
    String representationProperty;
    List<ChannelDefinition> channels = List.of();
    URI config;
    List<String> bridges = List.of();
    String tag;

    private ThingTypeBuilder(ThingTypeUID uid, String label) {
        this.uid = uid;
        this.label = label;
    }

    public static ThingTypeBuilder instance(ThingTypeUID uid, String label) {
        return new ThingTypeBuilder(uid, label);
    }

    public static ThingTypeBuilder instance(String bindingId, String thingTypeId, String label) {
        return new ThingTypeBuilder(new ThingTypeUID(bindingId, thingTypeId), label);
    }

    public ThingTypeBuilder withDescription(String value) {
        description = value;
        return this;
    }

    public ThingTypeBuilder isListed(boolean value) {
        listed = value;
        return this;
    }

    public ThingTypeBuilder withRepresentationProperty(String value) {
        representationProperty = value;
        return this;
    }

    public ThingTypeBuilder withChannelDefinitions(List<ChannelDefinition> value) {
        channels = List.copyOf(value);
        return this;
    }

    public ThingTypeBuilder withConfigDescriptionURI(URI value) {
        config = value;
        return this;
    }

    public ThingTypeBuilder withSupportedBridgeTypeUIDs(List<String> value) {
        bridges = List.copyOf(value);
        return this;
    }

    public ThingTypeBuilder withSemanticEquipmentTag(String value) {
        tag = value;
        return this;
    }

    public ThingType build() {
        return new ThingType(this);
    }

    public BridgeType buildBridge() {
        return new BridgeType(this);
    }
}
