"""What each form of event implies; `ledger.domain.binding` chooses among them."""
