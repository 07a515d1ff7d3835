"""The forms of days and times that scripts fill are those in which the service itself writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from api.localization import LANGUAGES, words


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_a_filled_form_is_what_the_service_writes(language: str) -> None:
    speak = words(language)
    forms = speak.minute_forms()
    for day in range(366):
        moment = datetime(2028, 1, 1, 9, 5) + timedelta(days=day, hours=day % 12)
        told = {"day": moment.day, "year": moment.year, "clock": f"{moment:%H:%M}"}
        assert forms[moment.month - 1] % told == speak.minute(moment).replace("-", "\u2011")
