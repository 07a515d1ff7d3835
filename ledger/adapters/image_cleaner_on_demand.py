"""
Cleaning photos, with a library that is imported when the first one comes: it takes memory that a service which meets
none does not need.
"""

from __future__ import annotations

import threading

from ledger.domain.files import Media


class CleanerOnDemand:
    """As `ledger.adapters.image_cleaner.PillowCleaner`: one image at a time, whoever asks."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def clean(self, data: bytes, media: Media, *, keep_location: bool) -> tuple[bytes, Media]:
        """The new file, a JPEG or, of a PNG, a PNG."""
        from ledger.adapters.image_cleaner import PillowCleaner

        with self._turn:
            return PillowCleaner().clean(data, media, keep_location=keep_location)
