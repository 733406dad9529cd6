"""Thing types, channel types and config descriptions, with openHAB's providers for them."""

from __future__ import annotations

from openhab_twilio.java.jvm import JavaObject, array_list, has, jclass
from openhab_twilio.java.services import Services
from twilio_binding.protocol.channels import Channel
from twilio_binding.protocol.parameters import ACCOUNT, BINDING, Parameter, ThingType
from twilio_binding.protocol.thing_types import CHANNEL_TYPES, THING_TYPES

_TYPES = "org.openhab.core.thing.type."
_CONFIG = "org.openhab.core.config.core."


class Types:
    """Implements openHAB's providers; all objects are created once."""

    def __init__(self) -> None:
        self._channels = {f"{BINDING}:{uid}": _channel_type(words) for uid, words in CHANNEL_TYPES.items()}
        self._things = {words.uid: _thing_type(words) for words in THING_TYPES}
        self._configs = {f"thing-type:{words.uid}": _config(words) for words in THING_TYPES}

    def register(self, services: Services) -> None:
        """Register the providers before the handler factory; otherwise openHAB delays the things."""
        services.offer(_CONFIG + "ConfigDescriptionProvider", self, "twilio-config")
        services.offer(_TYPES + "ChannelTypeProvider", self, "twilio-channel-types")
        services.offer("org.openhab.core.thing.binding.ThingTypeProvider", self, "twilio-thing-types")

    def getThingTypes(self, _locale: JavaObject) -> JavaObject:
        """All thing types."""
        return array_list(list(self._things.values()))

    def getThingType(self, uid: JavaObject, _locale: JavaObject) -> JavaObject:
        """One thing type, or null."""
        return self._things.get(str(uid))

    def getChannelTypes(self, _locale: JavaObject) -> JavaObject:
        """All channel types."""
        return array_list(list(self._channels.values()))

    def getChannelType(self, uid: JavaObject, _locale: JavaObject) -> JavaObject:
        """One channel type, or null."""
        return self._channels.get(str(uid))

    def getConfigDescriptions(self, _locale: JavaObject) -> JavaObject:
        """All config descriptions."""
        return array_list(list(self._configs.values()))

    def getConfigDescription(self, uri: JavaObject, _locale: JavaObject) -> JavaObject:
        """One config description, or null."""
        return self._configs.get(str(uri.toString()))


def _uri(thing_type: str) -> JavaObject:
    return jclass("java.net.URI").create(f"thing-type:{BINDING}:{thing_type}")


def _thing_type(words: ThingType) -> JavaObject:
    builder = jclass(_TYPES + "ThingTypeBuilder").instance(BINDING, words.id, words.label)
    builder.withDescription(words.description).withConfigDescriptionURI(_uri(words.id))
    if has(builder, "withSemanticEquipmentTag"):  # since openHAB 5.0
        builder.withSemanticEquipmentTag("WebService")
    if words is ACCOUNT:
        return builder.buildBridge()
    type_uid = jclass(_TYPES + "ChannelTypeUID")
    definition = jclass(_TYPES + "ChannelDefinitionBuilder")
    channels = [definition(channel.id, type_uid(BINDING, channel.type)).build() for channel in words.channels]
    builder.withChannelDefinitions(array_list(channels))
    builder.withSupportedBridgeTypeUIDs(array_list([f"{BINDING}:{ACCOUNT.id}"]))
    builder.withRepresentationProperty(words.representation)
    return builder.build()


def _channel_type(words: Channel) -> JavaObject:
    uid = jclass(_TYPES + "ChannelTypeUID")(BINDING, words.type)
    factory = jclass(_TYPES + "ChannelTypeBuilder")
    if not words.item:
        return factory.trigger(uid, words.label).withDescription(words.description).build()
    described = jclass("org.openhab.core.types.StateDescriptionFragmentBuilder").create()
    shown = described.withReadOnly(not words.writable).build()
    builder = factory.state(uid, words.label, words.item).withStateDescriptionFragment(shown)
    builder.withDescription(words.description).isAdvanced(words.advanced)
    if words.keeps_state:
        builder.withAutoUpdatePolicy(jclass(_TYPES + "AutoUpdatePolicy").VETO)
    for tag in words.tags:
        builder.withTag(tag)
    return builder.build()


def _config(words: ThingType) -> JavaObject:
    parameters = array_list([_parameter(parameter) for parameter in words.parameters])
    return jclass(_CONFIG + "ConfigDescriptionBuilder").create(_uri(words.id)).withParameters(parameters).build()


def _parameter(parameter: Parameter) -> JavaObject:
    kind = getattr(jclass(_CONFIG + "ConfigDescriptionParameter$Type"), parameter.kind)
    builder = jclass(_CONFIG + "ConfigDescriptionParameterBuilder").create(parameter.name, kind)
    builder.withLabel(parameter.label).withDescription(parameter.description)
    builder.withRequired(parameter.required).withAdvanced(parameter.advanced)
    if parameter.secret:
        builder.withContext("password")
    if parameter.default is not None:
        builder.withDefault(parameter.default)
    if parameter.minimum is not None and parameter.maximum is not None:
        decimal = jclass("java.math.BigDecimal")
        builder.withMinimum(decimal(str(parameter.minimum))).withMaximum(decimal(str(parameter.maximum)))
    if parameter.unit is not None:
        unit, label = parameter.unit
        builder.withUnit(unit).withUnitLabel(label)
    if parameter.options:
        option = jclass(_CONFIG + "ParameterOption")
        builder.withOptions(array_list([option(value, label) for value, label in parameter.options]))
        # openHAB would compare a text such as "read,command" as a whole, so the service checks parameters with several options.
        builder.withLimitToOptions(not parameter.multiple).withMultiple(parameter.multiple)
    return builder.build()
