// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {ActionHashes} from "./ActionHashes.sol";
import {Authority} from "./Authority.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Roles} from "./Roles.sol";

/**
 * @title Plots and what a certifier states of their yields
 * @dev Linked to the ledger and working on its storage. A plot is registered once and a yield only ever falls, so that
 * neither entry can be replayed.
 */
library Plots {
    using ActionHashes for *;

    /// @dev `IProduceLedger.PlotRegistration`.
    function registerPlot(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.PlotRegistration memory action =
            abi.decode(entry.payload, (IProduceLedger.PlotRegistration));
        // The role was asked for; which others the party has does not matter.
        // slither-disable-next-line unused-return
        (bytes32 digest, uint32 certifier,) = Authority.authorise(
            context, entry, action.certifier, Roles.CERTIFIER, action.hash(), action.deadline
        );
        (uint32 producer, uint16 roles) = Authority.indexOf(context, action.producer);
        if (roles & Roles.PRODUCER == 0) revert IProduceLedger.NotAProducer(action.producer);
        LedgerStorage.Plot memory plot = s.plots[action.plot];
        if (plot.certifier != 0) {
            revert IProduceLedger.PlotExists(action.plot, Authority.partyAt(context, plot.producer));
        }
        s.plots[action.plot] = LedgerStorage.Plot(producer, certifier);
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.certifier, IProduceLedger.Kind.PlotRegistration, entry.keyId, digest
        );
    }

    /// @dev `IProduceLedger.YieldCertificate`.
    function certifyYield(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.YieldCertificate memory action =
            abi.decode(entry.payload, (IProduceLedger.YieldCertificate));
        // The role was asked for; which others the party has does not matter.
        // slither-disable-next-line unused-return
        (bytes32 digest, uint32 certifier,) = Authority.authorise(
            context, entry, action.certifier, Roles.CERTIFIER, action.hash(), action.deadline
        );
        uint32 registered = s.plots[action.plot].certifier;
        if (registered == 0) revert IProduceLedger.UnknownPlot(action.plot);
        if (registered != certifier) {
            revert IProduceLedger.NotThePlotsCertifier(
                action.plot, Authority.partyAt(context, registered), action.certifier
            );
        }
        _state(s, action);
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.certifier, IProduceLedger.Kind.YieldCertificate, entry.keyId, digest
        );
    }

    /// @dev The yield is stated, or lowered; it keeps its number, by which harvested lots remember it.
    function _state(LedgerStorage.Layout storage s, IProduceLedger.YieldCertificate memory action) private {
        uint64 number = s.yieldNumbers[action.plot][action.season];
        LedgerStorage.Yield memory yield = s.yields[number];
        if (number != 0 && action.grams != 0 && action.grams >= yield.certified) {
            revert IProduceLedger.YieldNotLower(action.plot, action.season, yield.certified, action.grams);
        }
        if (action.grams == 0 || action.grams < yield.harvested) {
            revert IProduceLedger.YieldBelowHarvest(action.plot, action.season, yield.harvested, action.grams);
        }
        if (number == 0) {
            number = ++s.yieldCount;
            s.yieldNumbers[action.plot][action.season] = number;
        }
        s.yields[number].certified = action.grams;
    }
}
