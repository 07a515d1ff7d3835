"""The Chromium of the browser tests: which one it is, and how it is started."""

from __future__ import annotations

import os
import shutil

OFF_FOR_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying",
    "AimEnabled", "PreconnectToSearch", "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion",
)  # fmt: skip
"""
What playwright switches off by itself. Chromium obeys the last `--disable-features` alone, so ours has to repeat it;
`test_chromium` says when that list has grown.
"""
OFF_FOR_SPEED = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
"""
The list under Chromium's own address bar, which nobody sees here: drawn by a page of its own in each new window, it
costs twice what the window itself does.
"""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-features=" + ",".join((*OFF_FOR_PLAYWRIGHT, *OFF_FOR_SPEED)),
)  # fmt: skip


def chromium() -> str | None:
    """The browser that the test script found, else the system's; None: the one that playwright keeps."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return os.environ.get("SILKROOT_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
