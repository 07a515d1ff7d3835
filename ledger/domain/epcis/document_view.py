"""
The typed view of EPCIS documents around their events: headers, bodies, query results, master data; no I/O.

Mirrors the published JSON schema as `ledger.domain.epcis.view` does. Events are left as they are; they are checked
one by one.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from ledger.domain.epcis.view import Context, Node, Number, Time, Uri, Version, json_name


class Attribute(Node, frozen=True, rename=json_name, gc=False):
    """One attribute of a master data element."""

    id: Uri
    attribute: Number | str | dict[str, Any] | UnsetType = UNSET


class VocabularyElement(Node, frozen=True, rename=json_name, gc=False):
    """One master data element."""

    id: Uri
    attributes: list[Attribute] | UnsetType = UNSET
    children: list[Uri] | UnsetType = UNSET


class Vocabulary(Node, frozen=True, rename=json_name, gc=False):
    """Master data of one type."""

    type: Uri
    vocabulary_element_list: list[VocabularyElement] | UnsetType = UNSET


class MasterData(Node, frozen=True, rename=json_name, gc=False):
    """Master data in a document's header."""

    vocabulary_list: list[Vocabulary] | UnsetType = UNSET


class Header(Node, frozen=True, rename=json_name, gc=False):
    """`epcisHeader`."""

    epcis_master_data: MasterData | UnsetType = UNSET


class Body(Node, frozen=True, rename=json_name, gc=False):
    """`epcisBody` of a document of events."""

    event_list: list[dict[str, Any]]


class Document(Node, frozen=True, rename=json_name, gc=False, kw_only=True):
    """`EPCISDocument`."""

    type: Literal["EPCISDocument"]
    context: Context = msgspec.field(name="@context")
    schema_version: Version
    creation_date: Time
    epcis_body: Body
    id: Uri | UnsetType = UNSET
    instance_identifier: str | UnsetType = UNSET
    sender: str | UnsetType = UNSET
    receiver: str | UnsetType = UNSET
    epcis_header: Header | UnsetType = UNSET


class ResultsBody(Node, frozen=True, rename=json_name, gc=False):
    """`resultsBody` of a query's results."""

    event_list: list[dict[str, Any]]
    vocabulary_list: list[Vocabulary] | UnsetType = UNSET


class QueryResults(Node, frozen=True, rename=json_name, gc=False):
    """`queryResults`."""

    query_name: str
    results_body: ResultsBody
    subscription_id: str | UnsetType = UNSET


class QueryBody(Node, frozen=True, rename=json_name, gc=False):
    """`epcisBody` of a query document."""

    query_results: QueryResults


class QueryDocument(Node, frozen=True, rename=json_name, gc=False, kw_only=True):
    """`EPCISQueryDocument`."""

    type: Literal["EPCISQueryDocument"]
    context: Context = msgspec.field(name="@context")
    epcis_body: QueryBody
    id: Uri | UnsetType = UNSET
    schema_version: Version | UnsetType = UNSET
    creation_date: Time | UnsetType = UNSET
