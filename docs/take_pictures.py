"""Takes the pictures of these pages anew.

    python docs/take_pictures.py http://127.0.0.1:8000 admin@example.com

Needs a running server, its password in KITSU_PASSWORD, Chromium and chromedriver.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.ui import WebDriverWait

FOLDER = Path(__file__).with_name("pictures")
SECONDS = 60
COLOURS = 64
"""Few enough for small files, and all that these pages use."""

SIGN_IN = """
const done = arguments[arguments.length - 1];
const body = JSON.stringify({email: arguments[0], password: arguments[1]});
const headers = {"content-type": "application/json"};
fetch("/auth/login", {method: "POST", headers, body}).then(answer => done(answer.status));
"""


def keep(browser: Chrome, name: str) -> None:
    """Store what the window shows."""
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    picture.quantize(COLOURS).save(FOLDER / name, optimize=True)


def main() -> None:
    """Sign in, and take each page."""
    address, email = sys.argv[1:]
    options = ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,900"):
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or "chromium"
    # named, so that nothing looks for a driver on the internet
    browser = Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(f"{address}/docs?tag=Departments")
        wait = WebDriverWait(browser, SECONDS)
        wait.until(lambda b: b.find_elements("css selector", ".opblock"))
        keep(browser, "swagger.png")
        assert browser.execute_async_script(SIGN_IN, email, os.environ["KITSU_PASSWORD"]) == 200
        browser.get(f"{address}/status/dashboard")
        wait.until(lambda b: b.find_element("id", "live").text == "live")
        keep(browser, "dashboard.png")
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
