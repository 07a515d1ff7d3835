"""An event that was signed in a batch is of the device whose key signed the batch."""

from __future__ import annotations

from typing import Any

import pytest
from batch_events import readings, together
from ledger_fixture import LEDGER_DOMAIN
from presigned_events import b
from signing_keys import p256_key, signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.gateway.devices import Admission, Device, DeviceTable
from ledger.domain.gateway.topics import Place

KEYS = (signing_key(71), p256_key(72))
TABLE = DeviceTable({"logger-7": Device(b.FARM, frozenset(key.id for key in KEYS))})
ADMISSION = Admission(TABLE, LEDGER_DOMAIN)
HERE = Place(f"{b.FARM:013d}", "logger-7")


@pytest.mark.parametrize("key", KEYS)
def test_a_batch_of_the_devices_own_key_passes(key: Any) -> None:
    for event in together(readings(3), key):
        ADMISSION.check(HERE, event)


@pytest.mark.parametrize("key", [signing_key(73), p256_key(74)])
def test_a_batch_of_another_key_is_refused(key: Any) -> None:
    for event in together(readings(3), key):
        with pytest.raises(InvalidInput, match=r"gateway\.other-key") as error:
            ADMISSION.check(HERE, event)
        assert error.value.violations[0].value == "0x" + key.id.hex()
