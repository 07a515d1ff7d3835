"""Times that pages write by themselves look like those that the server writes, in every month and language."""

from __future__ import annotations

from datetime import datetime

import pytest

from api.localization import LANGUAGES, words

DAYS = [(1, "00:00"), (2, "23:59"), (22, "04:55"), (28, "09:05")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_filled_form_is_what_the_server_writes(language: str, month: int) -> None:
    speak = words(language)
    form = speak.minute_forms()[month - 1]
    for day, time in DAYS:
        hour, minute = map(int, time.split(":"))
        written = speak.minute(datetime(2026, month, day, hour, minute))
        assert form.format(day=day, year=2026, time=time) == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_month_has_a_name_of_its_own_in_the_language(language: str) -> None:
    forms = words(language).minute_forms()
    assert len(set(forms)) == 12
    if language != "en":
        assert not any(month in form for form in forms for month in ("Jan", "Mar", "May", "Aug", "M01", "M08"))
