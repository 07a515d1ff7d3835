"""
The words for everything that a check can find, by its stable code; parameters are filled in as names, weights and
dates.

A code without words here is shown in the English of its own sentence, marked as English: better strange than silent.
A test reads the codes from the domain and sees that each has its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.localization import N_, Words
from api.views import phrases
from api.views.deeds import deed_of
from api.views.journey import anchor
from api.views.names import Names, moment_of
from ledger.domain.actions import Line, Output, ReceiptLine, SettledLine
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.story_values import Difference, EventStory, Finding, LotStory

FINDINGS = {
    "chain.not-asked": N_("The shared ledger could not be asked."),
    "content.changed": N_("The record was changed after it was signed."),
    "content.struct-altered": N_(
        "The signed statement itself was altered in our records; the signature is for another one."
    ),
    "content.unreadable": N_("The record was changed so that it cannot be read any more."),
    "content.implies-nothing": N_("The record does not say what was signed."),
    "content.not-implied": N_("What was signed is not what the record says."),
    "content.misfiled": N_("The record is filed under the fingerprint of another one."),
    "content.disclosure": N_("What is disclosed of the record is not what was sealed in it."),
    "content.erased": N_("What is said to be erased of the record is not in it, or is shown all the same."),
    "content.passed": N_("Every record reads as it was signed."),
    "signature.invalid": N_("The signature of %(party_name)s does not fit what was signed."),
    "signature.no-digest": N_("The statement holds values that nobody can have signed."),
    "signature.other-key": N_("Another key signed than the one named."),
    "signature.key-waiting": N_("The key of %(party_name)s is not in the shared ledger yet."),
    "signature.key-unknown": N_("The shared ledger does not know the key that signed for %(party_name)s."),
    "signature.other-party": N_("The key that signed for %(party_name)s belongs to somebody else: %(owner_name)s."),
    "signature.other-scheme": N_("The key of %(party_name)s signs in another way than the record says."),
    "signature.key-not-yet-valid": N_("The key of %(party_name)s was not valid yet when it signed."),
    "signature.key-expired": N_("The key of %(party_name)s was no longer valid when it signed."),
    "signature.key-revoked": N_("The key of %(party_name)s had been revoked before it signed."),
    "signature.party-unknown": N_("The shared ledger does not know %(party_name)s."),
    "signature.role-missing": N_("%(party_name)s was not entitled to do this."),
    "signature.second-missing": N_("%(party_name)s has not signed, but had to."),
    "signature.second-other": N_("Somebody signed as the second side whom the record does not name."),
    "signature.second-invalid": N_("The signature of %(party_name)s, the second side, does not fit what was signed."),
    "signature.deadline-passed": N_(
        "The statement of %(party_name)s came into the log after the time it was signed for."
    ),
    "signature.cancelled": N_("%(party_name)s took back what it had signed."),
    "signature.passed": N_("Everything is signed by those who were entitled to."),
    "anchored.refused": N_("The shared ledger refused this entry (rule: %(rule)s)."),
    "anchored.waiting": N_("Accepted by us, on its way into the shared ledger."),
    "anchored.missing": N_("The shared ledger has no entry for this record."),
    "anchored.other-digest": N_("The shared ledger holds another statement than the one signed here."),
    "anchored.other-content": N_("The shared ledger holds the fingerprint of another record."),
    "anchored.other-key": N_("The shared ledger names another key for this entry."),
    "anchored.other-party": N_("The shared ledger names another party for this entry: %(found_name)s."),
    "anchored.other-kind": N_("The shared ledger holds another kind of step for this record."),
    "anchored.log-proof": N_("The proof does not show the record in the public log."),
    "anchored.log-checkpoint": N_("The shared ledger has no such checkpoint of the public log as the proof is for."),
    "anchored.log-time": N_("The record came into the public log at another time than is said."),
    "anchored.not-final": N_("In the shared ledger, but not final yet (%(depth)s of %(confirmations)s confirmations)."),
    "anchored.passed": N_("Everything is in the shared ledger, for good."),
    "chain.unavailable": N_("The shared ledger does not answer."),
    "chain.wrong": N_("What answers is not the shared ledger that these records belong to."),
    "chain.other-contract": N_("Another ledger answers than the one that these records are signed for."),
    "chain.nodes-disagree": N_("The nodes that were asked contradict each other, so none of them is believed."),
    "bundle.other-chain": N_("The proof is for other contracts than those that are trusted here."),
    "custody.no-birth": N_("Nothing shows how lot %(lot_code)s came into being."),
    "custody.count": N_(
        "The shared ledger counted %(chain)s entries for lot %(lot_code)s, but %(shown)s are shown. "
        "Something is missing or was added."
    ),
    "custody.waiting": N_("Lot %(lot_code)s is not in the shared ledger yet."),
    "custody.issuer": N_(
        "By these records lot %(lot_code)s comes from %(shown_name)s, by the shared ledger from %(chain_name)s."
    ),
    "custody.grams": N_(
        "By these records lot %(lot_code)s began with %(shown_weight)s, by the shared ledger with %(chain_weight)s."
    ),
    "custody.origin": N_(
        "What is shown to have gone into lot %(lot_code)s, or to have come out with it, is not what the shared ledger "
        "knows."
    ),
    "custody.certified": N_(
        "The certified share of lot %(lot_code)s in the shared ledger does not follow from what the lot was made of."
    ),
    "custody.balance": N_(
        "By these records %(holder_name)s holds %(shown_weight)s of lot %(lot_code)s, "
        "by the shared ledger %(chain_weight)s."
    ),
    "custody.consignment": N_("The shared ledger has another consignment under this number."),
    "custody.receipt-hidden": N_(
        "By the shared ledger a consignment of lot %(lot_code)s was received, but no receipt is shown."
    ),
    "custody.receipt-not-on-chain": N_(
        "A receipt is shown for a consignment of lot %(lot_code)s that by the shared ledger is still on the road."
    ),
    "custody.consignment-end": N_(
        "By the shared ledger a consignment of lot %(lot_code)s ended in another way than is shown."
    ),
    "custody.label-places": N_("By %(day_date)s this label, or a copy of it, had been seen in %(count)s cities."),
    "custody.label-often": N_("By %(day_date)s this label, or copies of it, had been scanned %(count)s times."),
    "custody.label-sold": N_(
        "The case with this label was sold, and on %(day_date)s the label, or a copy of it, was seen where it is not "
        "expected any more."
    ),
    "custody.label-not-issued": N_("No label with this number was issued for the lot: it is made up, or copied badly."),
    "custody.variance": N_(
        "%(missing_weight)s of lot %(lot_code)s, sent by %(shipper_name)s, did not arrive at %(receiver_name)s. "
        "They have not settled yet what became of it."
    ),
    "custody.temperature": N_(
        "Lot %(lot_code)s was outside its temperature limits for %(minutes)s minutes, at worst at %(peak_celsius)s, as "
        "%(party_name)s recorded. Nobody who held it has signed since that it was inspected and found in order."
    ),
    "custody.leg": N_(
        "The temperatures that are shown of the way to %(party_name)s are not those that it signed for on arrival."
    ),
    "custody.lines-unbalanced": N_("A receipt does not account for everything that was on the road."),
    "custody.settled-without-variance": N_("Something was settled that nobody is shown to have missed."),
    "custody.not-a-side": N_("%(party_name)s is neither sender nor receiver of that consignment."),
    "custody.not-under-way": N_("A consignment was received or taken back that was no longer on the road."),
    "custody.other-lines": N_("What was settled or taken back is not what was missing or on the road."),
    "custody.unbalanced": N_(
        "%(grams_in_weight)s went in, but %(accounted_weight)s is accounted for, losses included."
    ),
    "custody.amendment-without-original": N_("A correction is shown, but not what it corrects."),
    "custody.amended-by-another": N_("%(party_name)s corrected what %(named_name)s had recorded."),
    "custody.amended-after-moving": N_("Lot %(lot_code)s was corrected after some of it had been passed on."),
    "custody.amended-other-amount": N_(
        "A correction replaces %(was_weight)s, but the record stood at %(shown_weight)s."
    ),
    "custody.amended-other-lots": N_("A correction names other lots than the record that it corrects."),
    "custody.consignment-used": N_("The same consignment was sent twice."),
    "custody.born-twice": N_("Lot %(lot_code)s was registered twice."),
    "custody.more-out-than-in": N_("More came out (%(grams_out_weight)s) than went in (%(grams_in_weight)s)."),
    "custody.receipt-without-shipment": N_("Something was received that nobody is shown to have sent."),
    "custody.receipt-by-another": N_("%(receiver_name)s signed for a consignment to %(named_name)s."),
    "custody.receipt-other-manifest": N_("The receiver signed for another packing list than the sender."),
    "custody.received-twice": N_("The same consignment was received twice."),
    "custody.more-than-held": N_("%(holder_name)s gave away %(needed_weight)s, but held %(held_weight)s."),
    "recall.lot": N_("Lot %(lot_code)s was recalled by %(party_name)s."),
    "recall.recorded": N_(
        "Lot %(lot_code)s was recalled by %(party_name)s just now. The shared ledger has yet to take the entry."
    ),
    "recall.ancestor-recorded": N_(
        "Lot %(lot_code)s, which went into this one, was recalled by %(party_name)s just now. "
        "The shared ledger has yet to take the entry."
    ),
    "recall.ancestor": N_(
        "Lot %(lot_code)s, which went into this one, is recalled. The recall comes from %(party_name)s."
    ),
    "recall.carried": N_(
        "Lot %(lot_code)s is recalled because lot %(parent_code)s went into it. The recall comes from %(party_name)s."
    ),
    "recall.not-lifted": N_(
        "The recall by %(party_name)s that reached lot %(lot_code)s from a lot that went into it still stands."
    ),
    "custody.passed": N_("Every handoff is signed by both sides, and every kilogram is accounted for."),
    "recall.passed": N_("Neither this lot nor anything that went into it is recalled."),
}
"""
Msgids by code. A placeholder is a parameter, as it is, or as a party's `_name`, a `_weight`, degrees `_celsius` or a
lot's `_code`.
"""

_WEIGHTS = frozenset(
    {
        "accepted", "culls", "grams", "loss", "processLoss", "received", "refused", "remainder", "returned", "toCome",
        "was", "weightLoss",
    }
)  # fmt: skip
_PARTIES = frozenset(
    {
        "buyer", "certifier", "counterparty", "holder", "issuer", "lender", "packer", "party", "producer", "receiver",
        "shipper",
    }
)  # fmt: skip
_HEX32 = re.compile(r"0x[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A member of the signed statement: its name in words, what was signed, what stands there now."""

    member: str
    signed: str
    found: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    A finding in words. `about` says which step it is about, `anchor` where its evidence stands; both are "" where it is
    about the lot as a whole. The hashes are 0x hex and given only where they differ. `lang` is "en" where we have no
    words of our own.
    """

    sentence: str
    lang: str
    about: str
    anchor: str
    changes: tuple[Change, ...]
    signed_hash: str
    found_hash: str


def trouble(finding: Finding, story: LotStory, names: Names, speak: Words) -> Trouble:
    """The finding in words."""
    event = story.event(finding.event) if finding.event is not None else None
    text = FINDINGS.get(finding.code)
    try:
        sentence = speak.filled(speak(text), _Values(finding, names, speak)) if text else finding.sentence
    except KeyError:  # a parameter that the words count on is missing
        sentence, text = finding.sentence, None
    about = ""
    if event is not None:
        moment = moment_of(event)
        when = speak.date(moment) if moment else event.event_time
        about = speak(
            N_("%(deed)s, %(party)s, %(when)s"),
            deed=deed_of(event, names, speak),
            party=names.party(event.party),
            when=when,
        )
    signed, found = finding.evidence.signed_hash, finding.evidence.found_hash
    altered = signed is not None and found is not None and signed != found
    return Trouble(
        sentence=sentence,
        lang="" if text or speak.language == "en" else "en",
        about=about,
        anchor=anchor(event) if event is not None else "",
        changes=tuple(_change(each, event, names, speak) for each in finding.differences),
        signed_hash=f"0x{signed.hex()}" if altered and signed else "",
        found_hash=f"0x{found.hex()}" if altered and found else "",
    )


class _Values(dict[str, str]):
    """The finding's parameters as a reader knows them, made when words ask for them; `KeyError` for one it lacks."""

    def __init__(self, finding: Finding, names: Names, speak: Words) -> None:
        super().__init__()
        self._parameters: dict[str, str | int] = dict(finding.parameters)
        if finding.lot is not None:
            self._parameters.setdefault("lot", f"0x{finding.lot.hex()}")
        self._names = names
        self._speak = speak

    def __missing__(self, key: str) -> str:
        if key in self._parameters:
            value = self._parameters[key]
            return self._speak.number(value) if isinstance(value, int) else value
        name, _, form = key.rpartition("_")
        value = self._parameters[name]
        if form == "code" and _HEX32.match(str(value)):
            return self._names.lot(LotId(bytes.fromhex(str(value)[2:])))
        if form == "name" and str(value).isdecimal():
            return str(self._names.party(PartyId(int(value))))
        if form == "weight" and str(value).isdecimal():
            return self._speak.kilograms(int(value))
        if form == "celsius" and isinstance(value, int):
            return self._speak.millidegrees(value)
        if form == "date" and isinstance(value, str):
            return _day(value, self._speak)
        raise KeyError(key)


def told_by_json(finding: Mapping[str, Any], story: Mapping[str, Any], speak: Words) -> str:
    """The sentence of a finding in the form of `services.story_json`, `story` being the lot's with `partyNames`."""
    text = FINDINGS.get(finding["code"])
    try:
        return speak(text) % _JsonValues(finding, story, speak) if text else str(finding["reason"])
    except KeyError:
        return str(finding["reason"])


class _JsonValues(dict[str, str]):
    """As `_Values`, from JSON."""

    def __init__(self, finding: Mapping[str, Any], story: Mapping[str, Any], speak: Words) -> None:
        super().__init__()
        lots = [story["lot"], *story["ancestors"], *story["children"], *([finding["lot"]] if finding["lot"] else [])]
        self._codes = {lot["id"]: lot["lot"] for lot in lots if "lot" in lot}
        self._parties: Mapping[str, str] = story["partyNames"]
        self._parameters = {"lot": (finding["lot"] or story["lot"])["id"], **finding["parameters"]}
        self._speak = speak

    def __missing__(self, key: str) -> str:
        if key in self._parameters:
            value = self._parameters[key]
            return self._speak.number(value) if isinstance(value, int) else str(value)
        name, _, form = key.rpartition("_")
        value = str(self._parameters[name])
        if form == "code":
            return str(self._codes.get(value, f"{value[:10]}…"))
        if form == "name" and value.isdecimal():
            return self._parties.get(f"{int(value):013d}", value)
        if form == "weight" and value.isdecimal():
            return self._speak.kilograms(int(value))
        if form == "celsius":
            return self._speak.millidegrees(int(value))
        if form == "date":
            return _day(value, self._speak)
        raise KeyError(key)


def _day(text: str, speak: Words) -> str:
    """A day, of its form in ISO 8601."""
    try:
        return speak.day(date.fromisoformat(text).toordinal())
    except ValueError:
        return text


def _change(difference: Difference, event: EventStory | None, names: Names, speak: Words) -> Change:
    """A difference with its member in words: `outputs[0].grams` is the weight of the lot that was signed there."""
    path = difference.member.split(".")
    member = path[-1].partition("[")[0]
    word = speak(phrases.MEMBERS[member]) if member in phrases.MEMBERS else member
    if len(path) > 1:
        lot = _lot_at(path[0], event, names)
        of = speak(N_("lot %(lot)s"), lot=lot) if lot else path[0]
        word = f"{word}（{of}）" if speak.language == "zh" else f"{word} ({of})"
    return Change(
        word,
        _member_value(member, difference.signed, names, speak),
        _member_value(member, difference.found, names, speak),
    )


def _lot_at(position: str, event: EventStory | None, names: Names) -> str:
    """The code of the lot at a position of the signed struct, such as `inputs[1]`; "" where there is none."""
    name, _, index = position.rstrip("]").partition("[")
    lines = getattr(event.action, name, ()) if event is not None else ()
    if not index.isdecimal() or not isinstance(lines, tuple) or int(index) >= len(lines):
        return ""
    line = lines[int(index)]
    if isinstance(line, Output):
        return line.lot_code
    return names.lot(line.lot) if isinstance(line, Line | ReceiptLine | SettledLine) else ""


def _member_value(member: str, value: str, names: Names, speak: Words) -> str:
    if value == "":
        return speak(N_("nothing"))
    if member in _WEIGHTS and value.isdecimal():
        return speak.kilograms(int(value))
    if member in _PARTIES and value.isdecimal():
        return str(names.party(PartyId(int(value))))
    if member in ("lot", "lots") and _HEX32.match(value):
        return names.lot(LotId(bytes.fromhex(value[2:])))
    return value
