"""
A plain sentence for every rule that Silkroot can say was broken, by the rule's name: msgids, see `api.catalogues`.

Services, adapters and the domain raise `Violation`s with an English message of their own, which names what it met; that
message is what `--json` and problem details carry. People who read another language are told the rule's sentence. A
test collects the names of the rules from the sources and of the contracts' errors from their ABI, and fails on one that
has no words here.
"""

from __future__ import annotations

from api.rule_phrases.air_rules import AIR_RULES
from api.rule_phrases.capture_rules import CAPTURE_RULES
from api.rule_phrases.contract_errors import CONTRACT_ERRORS
from api.rule_phrases.draft_rules import DRAFT_RULES
from api.rule_phrases.event_rules import EVENT_RULES
from api.rule_phrases.file_rules import FILE_RULES
from api.rule_phrases.gateway_rules import GATEWAY_RULES
from api.rule_phrases.identifier_rules import IDENTIFIER_RULES
from api.rule_phrases.log_rules import LOG_RULES
from api.rule_phrases.people_rules import PEOPLE_RULES
from api.rule_phrases.proof_rules import PROOF_RULES
from api.rule_phrases.sealing_rules import SEALING_RULES
from api.rule_phrases.workbook_rules import WORKBOOK_RULES

RULES = {
    **IDENTIFIER_RULES, **EVENT_RULES, **CAPTURE_RULES, **FILE_RULES, **LOG_RULES, **PROOF_RULES, **SEALING_RULES,
    **WORKBOOK_RULES, **GATEWAY_RULES, **DRAFT_RULES, **PEOPLE_RULES, **CONTRACT_ERRORS, **AIR_RULES,
}  # fmt: skip
"""Msgids by the name of the rule or of the contract's error."""
