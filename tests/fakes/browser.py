"""A headless Chromium without a network, to see pages as their readers do."""

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
OWN = ("data:", "blob:", "about:", "chrome:", "devtools:")


class Browser:
    """A browser that is offline and keeps what a page logged and asked for.

    Attributes
    ----------
    driver
        The selenium driver, for what is not here.
    """

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver, self.folder = driver, folder
        self.address, self._count = "", 0

    def open(
        self,
        page: Path | str,
        *,
        width: int = 1000,
        height: int = 800,
        dark: bool = False,
        media: str = "screen",
        script: bool = True,
        touch: bool = False,
    ) -> None:
        """Show a file, or the text of one, as a new page with an empty log."""
        if isinstance(page, str):
            self._count += 1
            path = self.folder / f"page-{self._count}.html"
            path.write_text(page, encoding="utf-8")
            page = path
        self.driver.get("about:blank")
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        self.command("Emulation.setTouchEmulationEnabled", enabled=touch)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.console()
        self.asked()
        self.address = page.resolve().as_uri()
        self.driver.get(self.address)

    def command(self, name: str, **given: Any) -> Any:
        """Say something in the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, given)

    def run(self, script: str, *given: Any) -> Any:
        """What a piece of JavaScript returns; `given` are its ``arguments``."""
        return self.driver.execute_script(script, *given)

    def console(self) -> list[str]:
        """What the page logged since this was last asked: errors and breaches of its policy too."""
        return [f"{each['level']}: {each['message']}" for each in self.driver.get_log("browser")]

    def asked(self) -> list[str]:
        """The addresses beside its own that the page asked for since this was last asked."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                if not address.startswith(OWN) and address != self.address:
                    found.append(address)
        return found

    def picture(self, path: Path, *, whole: bool = True) -> Path:
        """A PNG of the page, of all its length or of what the window shows."""
        if not whole:
            self.driver.save_screenshot(str(path))
            return path
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for a worker's tests; skips where there is none."""
    found, driver_found = shutil.which("chromium"), shutil.which("chromedriver")
    if found is None or driver_found is None:
        pytest.skip(
            "no chromium and chromedriver: on Debian apt-get install chromium chromium-driver"
        )
    with driven(found, driver_found, tmp_path_factory.mktemp("browser")) as ready:
        yield ready


@contextmanager
def driven(chromium: str, chromedriver: str, folder: Path) -> Iterator[Browser]:
    """A browser whose profile and pages lie in `folder`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    try:
        browser = Browser(driver, folder)
        browser.command("Network.enable")
        browser.command(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=0,
            uploadThroughput=0,
        )
        yield browser
    finally:
        driver.quit()
