"""
Random actions of every kind, for comparing the local rules with the contract: likely enough to be accepted, and wrong
in every way now and then. Everything comes from one seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import event_builders as build
from random_parts import (
    DAY,
    DEADLINE,
    LOTS,
    MAKERS,
    NOBODY,
    NOTICE_SECONDS,
    OTHER_CERTIFIER,
    OTHER_FARM,
    OTHER_LENDER,
    PARTIES,
    PLOTS,
    PRODUCTS,
    SEASONS,
    RandomParts,
)

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Line,
    Notice,
    Output,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    ReceiptLine,
    Release,
    Sale,
    SettledLine,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
)
from ledger.domain.custody_state import Consignment
from ledger.domain.identifiers import (
    NO_PLOT,
    ConsignmentId,
    Grams,
    LotId,
    PartyId,
    ProductId,
    lot_id,
    plot_id,
)
from ledger.domain.typed_data import lines_hash

Make = Callable[[], "Action | LotId"]


@dataclass
class RandomActions(RandomParts):
    """One sequence."""

    done: list[Action] = field(default_factory=list)
    shown: dict[bytes, tuple[Line, ...]] = field(default_factory=lambda: {lines_hash(()): ()})
    """All lines that a consignment ever had open, by their hash."""
    due: Make | None = None
    """What to try at a time that was chosen for it."""

    def pass_time(self) -> None:
        """Seconds, days, or to just before or at the end of a notice or a pledge."""
        self.due = None
        ends: list[tuple[int, Make]] = [
            (pledge.until, partial(self.sale_of_all, place))
            for place, pledges in self.ledger.pledges.items()
            for pledge in pledges
        ]
        for key, sent in self.ledger.consignments.items():
            if sent and sent.notice_at and (sent.state.under_way or sent.state.in_dispute):
                ends.append((sent.notice_at + NOTICE_SECONDS, partial(self.alone, key, sent)))
        ends = [(end + off, then) for end, then in ends for off in (-1, 0)]
        ends = [(at, then) for at, then in ends if self.now < at < self.now + 5 * DAY]
        if ends and self.random.random() < 0.15:
            self.now, self.due = self.random.choice(ends)
        else:
            self.now += self.random.choice([*[1, 60] * 12, DAY])

    def next(self) -> Action | LotId:
        """An action, or a lot to carry a recall to; one in fifteen is a replay, one in thirty too late."""
        if self.due is not None and self.random.random() < 0.8:
            return self.due()
        if self.done and self.random.random() < 1 / 15:
            return self.random.choice(self.done)
        makes = {
            self.birth: 5, self.transformation: 6, self.shipment: 7, self.receipt: 3, self.partial_receipt: 8,
            self.settlement: 5, self.notice: 4, self.void: 3, self.leaving: 2, self.recall: 3, self.propagation: 3,
            self.statement: 1, self.registration: 2, self.certificate: 3, self.correction: 3, self.repacking: 4,
            self.pledge: 8, self.letting_go: 2,
        }  # fmt: skip
        make = self.random.choices(list(makes), weights=list(makes.values()))[0]
        made = make() if self.random.random() < 0.1 else self.sensible(make)()
        if isinstance(made, bytes):
            return made
        late = self.random.random() < 1 / 30
        if late:
            made = replace(made, deadline=self.now - self.random.choice([0, 1, DAY]))
        return made

    def sensible(self, make: Make) -> Make:
        """What has to come first, where there is nothing yet for an action to be about."""
        open_ones = [sent for sent in self.ledger.consignments.values() if sent and sent.state.under_way]
        disputes = [sent for sent in self.ledger.consignments.values() if sent and sent.state.in_dispute]
        certified = [one for one in self.ledger.yields.values() if one]
        instead: list[tuple[bool, tuple[Make, ...], Make]] = [
            (not disputes, (self.settlement,), self.partial_receipt),
            (not open_ones, (self.receipt, self.partial_receipt, self.void), self.shipment),
            (not open_ones and not disputes, (self.notice,), self.shipment),
            (not self.recalled(), (self.propagation,), self.recall),
            (not any(self.ledger.origins.values()), (self.repacking,), self.transformation),
            (not any(self.ledger.pledges.values()), (self.letting_go,), self.pledge),
            (not certified, (self.birth,), self.certificate),
            (not any(self.ledger.plots.values()), (self.certificate,), self.registration),
            (
                not any(self.ledger.balances.values()),
                (self.shipment, self.transformation, self.leaving, self.pledge, self.recall, self.correction),
                self.birth,
            ),
        ]
        for missing, those, first in instead:
            if missing and make in those:
                make = first
        return make

    def accepted(self, action: Action) -> None:
        """Remembers what may be replayed, received or shown."""
        self.done.append(action)
        for key, sent in self.ledger.consignments.items():
            if sent is None:
                continue
            if key not in self.sent:
                self.sent.append(key)
            for lines in (sent.manifest, sent.open_lines):
                self.shown[lines_hash(lines)] = lines

    # ------------------------------------------------------------------------------------------- the actions

    def birth(self) -> Action:
        maker = self.random.choice([*MAKERS * 6, *PARTIES])
        product = self.random.choice([*[build.BULK_MELON] * 20, *build.OWNERS])
        grams = self.grams(100, 300, 500)
        if self.random.random() < 0.4:
            return Intake(maker, product, self.code(), grams, self.content(), DEADLINE)
        maker = self.random.choice([maker, *[build.FARM] * 4, OTHER_FARM, OTHER_FARM])
        plot, season = self.random.choice([NO_PLOT, *PLOTS * 3]), self.random.choice(SEASONS)
        return Harvest(maker, product, self.code(), plot, season, grams, self.content(), DEADLINE)

    def transformation(self) -> Action:
        packer = self.holder()
        own = [product for product in PRODUCTS if self.ledger.may_use(product, packer)]
        outputs = tuple(
            Output(self.random.choice([*own * 9, ProductId(5)]), self.code(), self.grams(1, 4, 9))
            for _ in range(self.random.choice([0, *[1, 2] * 6]))
        )
        inputs = self.lines(packer)
        return Transformation(packer, inputs, outputs, *self.losses(inputs, outputs), self.content(), DEADLINE)

    def shipment(self) -> Action:
        shipper = self.holder()
        issuers = [lot.issuer for lot in self.ledger.lots.values() if lot and lot.issuer != shipper]
        others = [party for party in MAKERS if party != shipper]
        receiver = self.random.choice([*others * 6, *PARTIES, build.STRANGER, *issuers[:6]])
        reference = str(self.random.randrange(12))
        return Shipment(shipper, receiver, reference, self.lines(shipper), self.content(), DEADLINE)

    def receipt(self) -> Action:
        key, sent = self.consignment()
        return Receipt(self.mostly(sent.receiver), key, self.claim(sent), self.content(), DEADLINE)

    def partial_receipt(self) -> Action:
        key, sent = self.consignment()
        last, whole = self.random.random() < 0.5, self.random.random() < 0.15
        lines = []
        for line in sent.open_lines:
            accepted = line.grams if whole else self.random.choice([0, line.grams // 2, line.grams])
            refused = self.random.choice([0, 0, (line.grams - accepted) // 2, line.grams - accepted])
            to_come = 0 if last else line.grams - accepted - refused
            lines.append(ReceiptLine(line.lot, Grams(accepted), Grams(refused), Grams(to_come)))
        if lines and self.random.random() < 0.15:
            wrong = self.random.choice([
                replace(lines[-1], to_come=Grams(2**64 - 1)),
                replace(lines[-1], accepted=Grams(lines[-1].accepted + 1)),
                replace(lines[-1], lot=self.random.choice(LOTS)),
            ])  # fmt: skip
            lines = self.random.choice([[*lines[:-1], wrong], lines[:-1], [*lines, wrong]])
        refuses = any(line.refused for line in lines)
        reference = f"R{self.random.randrange(8)}" if refuses != (self.random.random() < 0.1) else ""
        return PartialReceipt(
            self.mostly(sent.receiver), key, self.claim(sent), tuple(lines), reference, self.content(), DEADLINE
        )

    def settlement(self) -> Action:
        key, sent = self.consignment(disputed=True)
        alone = self.random.random() < 0.4
        lines = []
        for line in sent.open_lines:
            loss = line.grams if alone and self.random.random() < 0.7 else self.random.choice([0, line.grams // 2])
            weight = self.random.choice([0, (line.grams - loss) // 2])
            back = self.random.choice([0, line.grams - loss - weight])
            rest = line.grams - loss - weight - back
            lines.append(SettledLine(line.lot, *map(Grams, (loss, weight, back, rest))))
        if lines and self.random.random() < 0.15:
            wrong = self.random.choice([
                replace(lines[-1], loss=Grams(lines[-1].loss + 1)), replace(lines[-1], received=Grams(2**64 - 1)),
                replace(lines[-1], lot=self.random.choice(LOTS)),
            ])  # fmt: skip
            lines = self.random.choice([[*lines[:-1], wrong], lines[:-1], [*lines, wrong]])
        party, other = self.random.sample([sent.shipper, sent.receiver], 2)
        return Settlement(
            self.mostly(party), NOBODY if alone else self.mostly(other), key, self.claim(sent), tuple(lines),
            self.content(), DEADLINE,
        )  # fmt: skip

    def alone(self, key: ConsignmentId, sent: Consignment) -> Action:
        """What one side may do when its notice is over."""
        shown = lines_hash(sent.open_lines)
        if sent.state.under_way:
            return Void(sent.shipper, NOBODY, key, shown, self.content(), DEADLINE)
        lines = tuple(SettledLine(line.lot, line.grams, Grams(0), Grams(0), Grams(0)) for line in sent.open_lines)
        return Settlement(sent.receiver, NOBODY, key, shown, lines, self.content(), DEADLINE)

    def sale_of_all(self, place: tuple[LotId, PartyId]) -> Action:
        """Of all that the party holds of the lot, which a pledge forbids until it ends."""
        lot, holder = place
        return Sale(holder, (Line(lot, self.ledger.held(lot, holder)),), self.content(), DEADLINE)

    def notice(self) -> Action:
        key, sent = self.consignment()
        party = self.random.choice([sent.shipper, sent.shipper, sent.receiver])
        return Notice(self.mostly(party), key, self.content(), DEADLINE)

    def void(self) -> Action:
        key, sent = self.consignment()
        receiver = NOBODY if self.random.random() < 0.7 else self.mostly(sent.receiver)
        return Void(self.mostly(sent.shipper), receiver, key, self.claim(sent), self.content(), DEADLINE)

    def leaving(self) -> Action:
        holder = self.holder()
        form = self.random.choice([Sale, Disposal])
        return form(holder, self.lines(holder), self.content(), DEADLINE)

    def recall(self) -> Action:
        inherited = [key for key, one in self.ledger.lots.items() if one and one.inherited]
        lot = self.random.choice([self.lot(), *self.recalled() * 2, *inherited * 4])
        known = self.ledger.lots.get(lot)
        honest = [known.recalled_by or known.issuer, known.issuer] if known else []
        party = self.random.choice([build.REGULATOR, self.random.choice(MAKERS), *honest * 2])
        forms = [Release, Release, Release, Recall] if known and known.recalled_by else [Recall, Recall, Release]
        return self.random.choice(forms)(party, lot, self.content(), DEADLINE)

    def propagation(self) -> LotId:
        concerned = [
            key
            for key, lot in self.ledger.lots.items()
            if lot and (lot.inherited or any(self.is_recalled(parent) for parent in lot.parents))
        ]
        return self.random.choice([*concerned * 4, self.lot()])

    def statement(self) -> Action:
        return Statement(self.random.choice(PARTIES), "inspecting", (), self.content(), DEADLINE)

    def registration(self) -> Action:
        certifier = self.random.choice([*[build.CERTIFIER] * 4, OTHER_CERTIFIER, build.FARM])
        producer = self.random.choice([*[build.FARM] * 4, OTHER_FARM, build.BUYER, build.STRANGER])
        return PlotRegistration(certifier, producer, self.random.choice(PLOTS), self.content(), DEADLINE)

    def certificate(self) -> Action:
        plot, season = self.random.choice([*PLOTS * 6, plot_id(build.FARM, "none")]), self.random.choice(SEASONS)
        registered = self.ledger.plots.get(plot)
        honest = [registered.certifier] * 12 if registered else []
        certifier = self.random.choice([build.CERTIFIER, OTHER_CERTIFIER, *honest])
        grams = Grams(self.random.choice([0, 200, 400, 800, 1_000, 3_000]))
        return YieldCertificate(certifier, plot, season, grams, self.content(), DEADLINE)

    def correction(self) -> Action:
        resting = [key for key, lot in self.ledger.lots.items() if lot and not lot.moved and not lot.parents]
        lot = self.random.choice([*resting * 4, self.lot()])
        known = self.ledger.lots.get(lot)
        party = self.mostly(known.issuer) if known else self.random.choice(PARTIES)
        was = known.grams if known and self.random.random() < 0.9 else Grams(1)
        grams = Grams(self.random.choice([0, 1, 100, 200, 600, 2**36]))
        return BirthAmendment(party, lot, was, grams, self.content(), self.content(), DEADLINE)

    def repacking(self) -> Action:
        found = [(key, origin) for key, origin in self.ledger.origins.items() if origin and self.random.random() < 0.7]
        if not found:
            return self.transformation()
        key, origin = self.random.choice([*found, *found[-3:] * 2])
        issuers = [lot.issuer for made in origin.outputs if (lot := self.ledger.lots.get(_made(made)))]
        inputs = [replace(x, grams=self.grams(x.grams, x.grams + 3, x.grams // 2, 0)) for x in origin.inputs]
        outputs = [replace(made, grams=self.grams(made.grams, made.grams // 2, 0)) for made in origin.outputs]
        if self.random.random() < 0.15:
            inputs = self.random.choice([inputs[:-1], [replace(inputs[0], lot=self.random.choice(LOTS)), *inputs[1:]]])
        elif self.random.random() < 0.15:
            outputs = self.random.choice([outputs[:-1], [*outputs, *outputs[:1]], outputs[::-1]])
        lists = tuple(inputs), tuple(outputs)
        return TransformationAmendment(
            self.mostly(issuers[0]) if issuers else self.random.choice(PARTIES),
            key if self.random.random() < 0.95 else self.content(),
            *lists, *self.losses(*lists), self.content(), self.content(), DEADLINE,
        )  # fmt: skip

    def pledge(self) -> Action:
        standing = [place for place, pledges in self.ledger.pledges.items() if pledges]
        held = [place for place, grams in self.ledger.balances.items() if grams and not self.is_recalled(place[0])]
        standing = [place for place in standing if place in held] or standing
        standing.sort(key=lambda place: -len(self.ledger.pledges[place]))
        lot, holder = self.random.choice([*(standing[:1] * 20 or held), *held[:4] * 2, (self.lot(), build.LENDER)])
        lender = self.random.choice([*[build.LENDER, OTHER_LENDER] * 5, build.BUYER])
        free = self.ledger.balances.get((lot, holder), 0)
        grams = Grams(self.random.choice([*[1, 2, 5] * 4, 0, free, free + 1]))
        until = self.now + self.random.choice([*[4 * DAY, 60 * DAY] * 6, 60, 0, 730 * DAY, 730 * DAY + 1])
        return Pledge(holder, lender, lot, grams, until, self.content(), DEADLINE)

    def letting_go(self) -> Action:
        standing = [place for place, pledges in self.ledger.pledges.items() if pledges]
        lot, holder = self.random.choice([*standing * 4, (self.lot(), self.random.choice(PARTIES))])
        return PledgeRelease(
            self.random.choice([build.LENDER, OTHER_LENDER]), holder, lot, self.content(), DEADLINE
        )  # fmt: skip


def _made(output: Output) -> LotId:
    return lot_id(output.product, output.lot_code)
