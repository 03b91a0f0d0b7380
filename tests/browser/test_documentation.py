"""The documentation as people use it: in a browser that has no internet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TypeVar

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.conftest import EMAIL
from tests.factories import PASSWORD

T = TypeVar("T")
SECONDS = 120
RESPONSE = ".live-responses-table tr.response .response-col_status"


def find(browser: Chrome, selector: str) -> WebElement:
    """The element, once it is shown."""

    def shown(driver: Chrome) -> WebElement | None:
        return next((e for e in driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()), None)

    return WebDriverWait(browser, SECONDS).until(shown, f"{selector} is not shown")


def press(browser: Chrome, selector: str) -> None:
    """Press a button that may lie below the window."""
    button = find(browser, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def open_operation(browser: Chrome, page: str, tag: str, operation: str) -> None:
    """Load Swagger UI at an operation, ready to be tried."""
    browser.get("about:blank")
    browser.get(f"{page}#/{tag}/{operation}")
    press(browser, ".try-out__btn")


def execute(browser: Chrome) -> str:
    """Send the request, and return the status of the answer."""
    press(browser, ".btn.execute")
    status = find(browser, RESPONSE)
    return WebDriverWait(browser, SECONDS).until(lambda _: status.text.split()[0] if status.text else None)


def log_in_and_list(browser: Chrome, served: str) -> tuple[str, str, str]:
    """Sign in on one page, then list the departments on the other with the cookie.

    Both statuses, and what the list showed.
    """
    open_operation(browser, f"{served}/docs", "Authentication", "login")
    body = find(browser, "textarea.body-param__text")
    body.send_keys(Keys.CONTROL, "a")
    body.send_keys(json.dumps({"email": EMAIL, "password": PASSWORD}))
    login = execute(browser)
    open_operation(browser, f"{served}/api/docs", "Departments", "list_departments")
    listed = execute(browser)
    return login, listed, find(browser, ".live-responses-table tr.response .response-col_description").text


def complaints(browser: Chrome) -> list[str]:
    """What the console shows in red, policy violations and missing assets among it."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def loaded(browser: Chrome) -> list[str]:
    """Addresses that the page loaded."""
    return browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")


async def apart(function: Callable[..., T], *arguments: object) -> T:
    """Selenium blocks, and the fixtures' loop must go on."""
    return await asyncio.to_thread(function, *arguments)


async def test_somebody_signs_in_and_tries_a_list_under_each_prefix(served: str, browser: Chrome) -> None:
    login, listed, shown = await apart(log_in_and_list, browser, served)
    assert (login, listed) == ("200", "200")
    assert "Animation" in shown
    assert await apart(complaints, browser) == []
    addresses = await apart(loaded, browser)
    assert [address for address in addresses if not address.startswith(f"{served}/api/")] == []
    assert f"{served}/api/data/departments" in {address.partition("?")[0] for address in addresses}


async def test_redoc_shows_the_reference_of_the_tag_that_was_chosen(served: str, browser: Chrome) -> None:
    def read() -> str:
        browser.get(f"{served}/redoc")
        find(browser, "h1")
        assert "List departments" not in browser.page_source
        Select(browser.find_element(By.ID, "tag")).select_by_visible_text("Departments")
        WebDriverWait(browser, SECONDS).until(lambda b: "List departments" in b.page_source)
        assert Select(browser.find_element(By.ID, "tag")).first_selected_option.text == "Departments"
        return find(browser, "h1").text

    assert "kitsu-api" in await apart(read)
    assert await apart(complaints, browser) == []
    assert [address for address in await apart(loaded, browser) if not address.startswith(served)] == []
