#!/usr/bin/env python3
"""Opens pages in a headless Chromium and uses them as a person would.

    check-html.py PAGE.html... [--screenshots DIR]

A page is a report, a matrix, or a page of a site; what it has decides what is checked. Every page has to fit a phone and
a desktop in a light and a dark theme: nothing scrolls the page sideways, text has enough contrast, headings are in order.
A report is also operated with its filters, the keyboard and its copy buttons, and read without script.

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
from urllib.parse import urlparse
from urllib.request import url2pathname

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

MOST_BYTES = 2_000_000
MOST_MILLISECONDS = 1_000
SIZES = ((390, 844), (1280, 900))
# WCAG 2.2, AA.
CONTRAST, CONTRAST_OF_LARGE = 4.5, 3.0

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
    check(driver.find_element(By.CSS_SELECTOR, ".verdict").is_displayed(), "shows the verdict")


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


def check_order(driver):
    """The order of a terminal: verdict, figures, causes, findings, and the rest."""
    order = driver.execute_script("return [...document.querySelectorAll('h1, main > section[id]')].map(one => one.id || one.tagName)")
    wanted = ["H1", "operations", "causes", "flaky", "findings", "known-gaps", "open", "notes", "missing", "clauses"]
    check(order == [part for part in wanted if part in order], f"the parts are in order: {', '.join(order)}")
    bars = driver.find_elements(By.CSS_SELECTOR, ".operation .bar")
    keys = [key.text for key in driver.find_elements(By.CSS_SELECTOR, ".operation .key")]
    check(len(bars) >= 4 and all(keys), f"{len(bars)} bars have their figures in words: {keys[0]!r}")
    check(len(driver.find_elements(By.CSS_SELECTOR, ".causes li")) > 0, "a line for each cause")


def check_timelines(driver):
    """Every finding has its calls in rows, a lane for each device, and a mark for each code that belongs to a step."""
    script = """return [...document.querySelectorAll('.finding .inside')].map(one => ({
        rows: one.querySelectorAll('.timeline tbody tr').length,
        ragged: [...one.querySelectorAll('.timeline tr')].some(row => row.cells.length !== one.querySelector('.timeline tr').cells.length),
        lanes: one.querySelectorAll('.timeline .lane').length, chips: one.querySelectorAll('.timeline td .chip').length}))"""
    lines = driver.execute_script(script)
    check(lines and all(line["rows"] and not line["ragged"] for line in lines), f"{len(lines)} findings have a time line")
    check(any(line["lanes"] for line in lines), "devices have lanes")
    # Without a usable seed nobody knows the time steps of a code.
    if driver.find_elements(By.CSS_SELECTOR, ".timeline .step"):
        check(any(line["chips"] for line in lines), "codes stand in their time steps")


def check_keyboard(driver):
    driver.refresh()
    first = driver.find_element(By.CSS_SELECTOR, ".finding")
    check(first.get_attribute("open") is not None, "the strongest finding is unfolded")
    for presses in range(1, 100):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = driver.switch_to.active_element
        finding = focused.find_element(By.XPATH, "..")
        if focused.tag_name == "summary" and "finding" in (finding.get_attribute("class") or "").split() and finding != first:
            break
    check(focused.tag_name == "summary" and finding != first, f"the second finding is reached by {presses} tabs")
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
        finding = driver.find_elements(By.CSS_SELECTOR, "[data-part=finding]")[1]
        finding.find_element(By.TAG_NAME, "summary").click()
        check(finding.find_element(By.CSS_SELECTOR, ".diff").is_displayed(), "without script: a finding unfolds")


# Text whose contrast with what is behind it is too low, each once. Backgrounds that are partly transparent are blended.
LOW_CONTRAST = """
const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (color) => {
  context.clearRect(0, 0, 1, 1); context.fillStyle = color; context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const luminance = (color) => {
  const [r, g, b] = color.map((part) => part / 255).map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const over = (top, below) => top.slice(0, 3).map((part, at) => part * top[3] / 255 + below[at] * (1 - top[3] / 255));
const behind = (one) => {
  const layers = [];
  for (let at = one; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    layers.push(color);
    if (color[3] === 255) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), rgba(getComputedStyle(document.body).backgroundColor));
};
const found = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.data.trim(), one = walker.currentNode.parentElement;
  if (!text || one.closest('script, style, .unseen, .skip, svg, option') || !one.checkVisibility()) continue;
  const style = getComputedStyle(one), size = parseFloat(style.fontSize);
  const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
  const back = behind(one), [low, high] = [luminance(back), luminance(over(rgba(style.color), back))].sort((a, b) => a - b);
  const contrast = (high + .05) / (low + .05);
  if (contrast < (large ? arguments[1] : arguments[0])) found.set(`${one.tagName}.${one.className}`, `${contrast.toFixed(2)} ${text.slice(0, 30)}`);
}
return [...found].map(([where, what]) => `${where}: ${what}`);
"""

HEADINGS = "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => Number(one.tagName[1]))"

# What reaches beyond the right edge of the window and is not in a box that scrolls.
HANGING = """
const scrolls = (one) => one && (['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
return [...document.querySelectorAll('main *, header *, footer *')].filter(one => one.checkVisibility()
  && one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one.parentElement) && !one.closest('.unseen'))
  .slice(0, 5).map(one => `${one.tagName}.${one.className}`)
"""


def check_looks(driver, page, folder):
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for width, height in SIZES:
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            load(driver, page.as_uri())
            if folder:
                # Chromium draws no larger pictures.
                tall = min(driver.execute_script("return document.documentElement.scrollHeight"), 12_000)
                clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
                shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
                save(folder / f"{page.stem}-{scheme}-{width}.png", shot["data"])
            driver.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
            name = f"{scheme}, {width} px"
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            hanging = driver.execute_script(HANGING)
            check(wide <= width and not hanging, f"{name}: nothing scrolls the page sideways ({wide}) {hanging or ''}")
            low = driver.execute_script(LOW_CONTRAST, CONTRAST, CONTRAST_OF_LARGE)
            check(not low, f"{name}: text has enough contrast {low or ''}")


def check_headings(driver):
    levels = driver.execute_script(HEADINGS)
    skipped = [pair for pair in zip(levels, levels[1:]) if pair[1] > pair[0] + 1]
    check(levels[:1] == [1] and levels.count(1) == 1 and not skipped, f"{len(levels)} headings are in order {skipped or ''}")


def check_matrix(driver):
    """Each row has a cell for each target, and an operation that a target lacks is named once."""
    rows = driver.execute_script("return [...document.querySelectorAll('.matrix tr')].map(row => row.cells.length)")
    check(len(rows) > 20 and len(set(rows)) == 1, f"{len(rows)} rows have the same number of cells")
    bars = driver.find_elements(By.CSS_SELECTOR, ".results > li > h2")
    check(len(bars) == rows[0] - 1, f"{len(bars)} targets have their totals")
    lacking = driver.execute_script("""return [...document.querySelectorAll('.matrix td.lacks')].map(one => one.textContent)""")
    named = [text for text in lacking if text]
    check(len(named) <= 3 * (rows[0] - 1), f"{len(named)} times \"not implemented\" instead of {len(lacking)}")
    targets = driver.execute_script("return [...document.querySelectorAll('.matrix td a')].map(one => one.href)")
    files = {pathlib.Path(url2pathname(urlparse(target).path)) for target in targets}
    check(files and all(file.is_file() for file in files), f"{len(targets)} cells lead to {len(files)} pages")


def save(file, data):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(data))


def check_page(page, folder):
    print(f"-- {page.name}")
    with browser() as driver:
        check_opening(driver, page)
        check_headings(driver)
        is_report = bool(driver.find_elements(By.CSS_SELECTOR, ".filters"))
        if is_report:
            check_order(driver)
            check_filters(driver)
            if driver.find_elements(By.CSS_SELECTOR, ".finding:nth-of-type(2)"):
                check_timelines(driver)
                check_copying(driver, check_keyboard(driver))
                check_links(driver)
        if driver.find_elements(By.CSS_SELECTOR, ".matrix"):
            check_matrix(driver)
        check_looks(driver, page, folder)
        said = [entry["message"] for entry in driver.get_log("browser")]
        check(not said, f"the console is silent {said or ''}")
    if is_report:
        check_without_script(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=pathlib.Path, nargs="+", metavar="PAGE.html")
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    for page in arguments.pages:
        check_page(page.resolve(), arguments.screenshots)
    sys.exit(1 if problems else 0)


main()
