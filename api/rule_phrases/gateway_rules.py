"""Rules of the gateway from a message broker, and of its table of devices, in plain words."""

from __future__ import annotations

from api.catalogues import N_

GATEWAY_RULES = {
    "devices.form": N_("A part of the device table is not written as it has to be."),
    "gateway.count": N_("A message holds no event, or too many."),
    "gateway.declined": N_("The service refuses a document with this event, and names no rule."),
    "gateway.device": N_("The device table does not name the device of this topic."),
    "gateway.form": N_("A message is an EPCIS event, or an array of them."),
    "gateway.other-key": N_("The event was signed with a key that is not this device's."),
    "gateway.party": N_("The event is of another party than the one that this topic, or device, belongs to."),
    "gateway.size": N_("The message is too long."),
    "gateway.template": N_("The form of topics is not one that can be subscribed to."),
    "gateway.topic": N_("The message came on a topic of another form."),
    "gateway.unsigned": N_("The event came unsigned, and unsigned events are not passed on for this device."),
}
