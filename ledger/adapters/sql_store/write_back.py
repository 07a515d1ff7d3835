"""Writing what changed in a projection back to its tables."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, tuple_

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import origin_bytes
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.reading import chunks
from ledger.adapters.sql_store.registry_tables import write_registry
from ledger.domain.actions import Line
from ledger.domain.custody_state import NO_ORIGIN, Consignment, Lot
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId
from ledger.domain.projection import Projection


def write_back(connection: Connection, projection: Projection) -> None:
    """Stores all that changed in the projection since it was loaded. The lots' names have to be stored before."""
    changed = projection.changed
    lots = {key: lot for key in changed.lots if (lot := projection.lots[key]) is not None}
    upsert(connection, t.lots, [_lot_row(key, lot) for key, lot in lots.items()])
    edges = [{"lot": key, "parent": parent} for key, lot in lots.items() for parent in lot.parents]
    upsert(connection, t.lot_parents, edges)
    held = [{"lot": lot, "party": party, "grams": _held(projection, lot, party)} for lot, party in changed.balances]
    upsert(connection, t.balances, held)
    _write_consignments(connection, projection)
    upsert(connection, t.used_digests, [{"digest": digest} for digest in changed.digests])
    _write_plots(connection, projection)
    _write_pledges(connection, projection)
    origins = {key: origin for key in changed.origins if (origin := projection.origins[key]) is not None}
    lists = [{"origin_hash": key, "lists": origin_bytes(origin)} for key, origin in origins.items()]
    upsert(connection, t.origins, lists)
    write_registry(connection, projection)


def clear(connection: Connection) -> None:
    """Empties the projection's tables."""
    for table in t.PROJECTION:
        connection.execute(delete(table))


def _write_consignments(connection: Connection, projection: Projection) -> None:
    changed = projection.changed.consignments
    consignments = {key: sent for key in changed if (sent := projection.consignments[key]) is not None}
    upsert(connection, t.consignments, [_consignment_row(key, sent) for key, sent in consignments.items()])
    manifests = [row for key, sent in consignments.items() for row in _line_rows(key, sent.manifest)]
    upsert(connection, t.consignment_lines, manifests)
    parts = {key: sent for key, sent in consignments.items() if not _is_whole(sent)}
    for chunk in chunks(parts):
        open_lines = t.consignment_open_lines
        connection.execute(delete(open_lines).where(open_lines.c.consignment.in_(chunk)))
    left = [row for key, sent in parts.items() for row in _line_rows(key, sent.open_lines)]
    upsert(connection, t.consignment_open_lines, left)


def _write_plots(connection: Connection, projection: Projection) -> None:
    changed = projection.changed
    plots = [
        {"plot": key, "producer": plot.producer, "certifier": plot.certifier}
        for key in changed.plots
        if (plot := projection.plots[key]) is not None
    ]
    upsert(connection, t.registered_plots, plots)
    yields = [
        {"plot": key[0], "season": key[1], "certified": found.certified, "harvested": found.harvested}
        for key in changed.yields
        if (found := projection.yields[key]) is not None
    ]
    upsert(connection, t.yields, yields)


def _write_pledges(connection: Connection, projection: Projection) -> None:
    changed = projection.changed.pledges
    c = t.pledges.c
    for chunk in chunks(changed):
        connection.execute(delete(t.pledges).where(tuple_(c.lot, c.holder).in_(chunk)))
    rows = [
        {
            "lot": lot,
            "holder": holder,
            "position": position,
            "lender": pledge.lender,
            "grams": pledge.grams,
            "until": pledge.until,
        }
        for lot, holder in changed
        for position, pledge in enumerate(projection.pledges[lot, holder])
    ]
    upsert(connection, t.pledges, rows)


def _held(projection: Projection, lot: LotId, party: PartyId) -> Grams:
    grams = projection.balances[lot, party]
    if grams < 0:
        raise StoreError(f"the balance of {party} in lot {lot.hex()} would be {grams} grams")
    return grams


def _lot_row(key: LotId, value: Lot) -> Mapping[str, object]:
    plot, season = (None, None) if value.yield_of is None else value.yield_of
    return {
        "lot": key,
        "issuer": value.issuer,
        "grams": value.grams,
        "entries": value.entries,
        "recalled_by": value.recalled_by,
        "certified": value.certified,
        "inherited": value.inherited,
        "moved": value.moved,
        "origin_hash": None if value.origin_hash == NO_ORIGIN else value.origin_hash,
        "yield_plot": plot,
        "yield_season": season,
    }


def _is_whole(sent: Consignment) -> bool:
    return sent.open_lines == sent.manifest


def _consignment_row(key: ConsignmentId, value: Consignment) -> Mapping[str, object]:
    return {
        "consignment": key,
        "shipper": value.shipper,
        "receiver": value.receiver,
        "state": int(value.state),
        "notice_at": value.notice_at,
        "whole": _is_whole(value),
    }


def _line_rows(key: ConsignmentId, lines: tuple[Line, ...]) -> list[Mapping[str, object]]:
    return [{"consignment": key, "lot": line.lot, "grams": line.grams} for line in lines]
