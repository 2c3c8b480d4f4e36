#!/usr/bin/env python3
"""Opens an HTML report in a headless Chromium and uses it as a person would.

    check-html.py PAGE.html [--screenshots DIR]

Needs selenium (PyPI), Chromium or Chrome, and chromedriver. Prints size and load time; exit code 1 with what is wrong.
"""

import argparse
import base64
import contextlib
import functools
import http.server
import json
import pathlib
import shutil
import sys
import threading

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

MOST_BYTES = 2_000_000
MOST_MILLISECONDS = 1_000
WIDTHS = (390, 1440)

problems = []


def check(holds, what):
    print(f"{'ok  ' if holds else 'FAIL'} {what}")
    if not holds:
        problems.append(what)


def installed(*names):
    found = [path for path in map(shutil.which, names) if path]
    return found[0] if found else sys.exit(f"{' or '.join(names)} is not installed")


@contextlib.contextmanager
def browser(script=True):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1440,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    # What is installed, so that nothing is looked for elsewhere.
    options.binary_location = installed("chromium", "google-chrome")
    service = webdriver.ChromeService(installed("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """Script can't be switched off for file: addresses, so that check is made over HTTP."""
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def requests_of(driver):
    """Every address that was asked for over a network; data: is none."""
    asked = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(message["params"]["request"]["url"])
    return [address for address in asked if not address.startswith("data:")]


def shown(driver, *kinds):
    """The entries that can be seen, each with what the filters go by."""
    script = "return [...document.querySelectorAll('[data-part]')].filter(one => one.checkVisibility()).map(one => ({...one.dataset}))"
    return [entry for entry in driver.execute_script(script) if entry["part"] in kinds]


def load(driver, address):
    driver.get(address)
    timing = driver.execute_script("return performance.getEntriesByType('navigation')[0].toJSON()")
    paint = driver.execute_script("return performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0]")
    return timing["loadEventEnd"], paint


def check_opening(driver, page):
    size = page.stat().st_size
    check(size < MOST_BYTES, f"size {size:,} bytes")
    times = sorted(load(driver, page.as_uri())[0] for _ in range(3))
    check(times[1] < MOST_MILLISECONDS, f"opens in {times[1]:.0f} ms (median of three: {', '.join(f'{time:.0f}' for time in times)})")
    asked = [address for address in requests_of(driver) if address != page.as_uri()]
    check(not asked, f"asks for nothing else {asked or ''}")
    check(driver.find_element(By.CSS_SELECTOR, "h1 .verdict").is_displayed(), "shows the verdict")


def check_filters(driver):
    findings, clauses = len(shown(driver, "finding")), len(shown(driver, "clause"))
    check(findings > 1 and clauses > 100, f"shows {findings} findings and {clauses} clauses")
    for name in ("operation", "stance", "state"):
        select = Select(driver.find_element(By.NAME, name))
        for option in [option.text for option in select.options][1:]:
            select.select_by_visible_text(option)
            value = select.first_selected_option.get_attribute("value")
            parts = shown(driver, "finding", "clause")
            fit = all(part[name] == value for part in parts)
            check(0 < len(parts) < findings + clauses and fit, f"{name} {option}: {len(parts)} entries, all of that kind")
        select.select_by_index(0)
    text = driver.find_element(By.NAME, "text")
    text.send_keys("codes-recognised")
    few = len(shown(driver, "clause"))
    check(0 < few < clauses, f"a text narrows the clauses to {few}")
    told = driver.find_element(By.CSS_SELECTOR, ".filters output").text
    check(f"{few} of {clauses} clauses" in told, f"tells so: {told}")
    driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    WebDriverWait(driver, 5).until(lambda _: len(shown(driver, "clause")) == clauses)
    check(len(shown(driver, "finding")) == findings, "shows all again")


def check_keyboard(driver):
    driver.refresh()
    for presses in range(1, 60):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = driver.switch_to.active_element
        if focused.tag_name == "summary":
            break
    check(focused.tag_name == "summary", f"the first finding is reached by {presses} tabs")
    finding = focused.find_element(By.XPATH, "..")
    focused.send_keys(Keys.ENTER)
    check(finding.get_attribute("open") is not None, "Enter unfolds it")
    for part in (".diff", ".timeline", ".form"):
        check(finding.find_element(By.CSS_SELECTOR, part).is_displayed(), f"it shows its {part[1:]}")
    focused.send_keys(Keys.SPACE)
    check(finding.get_attribute("open") is None, "Space folds it")
    focused.send_keys(Keys.ENTER)
    return finding


def check_copying(driver, finding):
    driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    for button in finding.find_elements(By.CSS_SELECTOR, "button.copy"):
        source = driver.find_element(By.ID, button.get_attribute("data-copies"))
        button.send_keys(Keys.ENTER)
        WebDriverWait(driver, 5).until(lambda _: button.text == "Copied")
        copied = driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
        check(copied == source.get_attribute("textContent"), f"{button.get_attribute('aria-label')}: {len(copied)} characters")


def check_links(driver):
    link = driver.find_element(By.CSS_SELECTOR, ".clauses td.saw a[href^='#f-']")
    target = driver.find_element(By.ID, link.get_attribute("href").split("#")[1])
    driver.execute_script("arguments[0].click()", link)
    WebDriverWait(driver, 5).until(lambda _: target.is_displayed())
    check(target.is_displayed(), "a clause's link unfolds its finding")


def check_without_script(page):
    with served(page.parent) as root, browser(script=False) as driver:
        driver.get(f"{root}/{page.name}")
        asked = [address for address in requests_of(driver) if not address.endswith(page.name)]
        check(not asked, f"without script: asks for nothing else {asked or ''}")
        scripted = driver.find_elements(By.CSS_SELECTOR, ".scripted")
        check(scripted and not any(one.is_displayed() for one in scripted), "without script: no dead controls")
        clauses = driver.find_elements(By.CSS_SELECTOR, "[data-part=clause]")
        check(len(clauses) > 100 and clauses[-1].is_displayed(), f"without script: {len(clauses)} clauses stand there")
        finding = driver.find_element(By.CSS_SELECTOR, "[data-part=finding]")
        finding.find_element(By.TAG_NAME, "summary").click()
        check(finding.find_element(By.CSS_SELECTOR, ".diff").is_displayed(), "without script: a finding unfolds")


def check_widths(driver, page, folder):
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for width in WIDTHS:
            metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            load(driver, page.as_uri())
            driver.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            check(wide <= width, f"{scheme}, {width} px: nothing hangs over ({wide})")
            if folder:
                driver.execute_script("document.querySelectorAll('.finding:not(:nth-of-type(-n+2))').forEach(one => { one.open = false })")
                # Chromium draws no larger pictures.
                tall = min(driver.execute_script("return document.documentElement.scrollHeight"), 12_000)
                clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
                shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
                save(folder / f"{scheme}-{width}.png", shot["data"])


def save(file, data):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(data))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    page = arguments.page.resolve()
    with browser() as driver:
        check_opening(driver, page)
        check_filters(driver)
        finding = check_keyboard(driver)
        check_copying(driver, finding)
        check_links(driver)
        check_widths(driver, page, arguments.screenshots)
        said = [entry["message"] for entry in driver.get_log("browser")]
        check(not said, f"the console is silent {said or ''}")
    check_without_script(page)
    sys.exit(1 if problems else 0)


main()
