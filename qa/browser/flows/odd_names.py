"""Names, categories and labels that are markup, slots, shell or Python: pages and code hold them as text."""

import json
import re

from playwright.sync_api import expect

from qa.browser.flows.trying import require, send
from qa.browser.odd_texts import CATEGORIES, COLUMN, LABELS
from qa.browser.plan import DESKTOP, PHONE, Flow
from qa.browser.services import ODD
from qa.browser.visit import Visit

BODY = re.compile(r"<<'JSON'\n(.*)\nJSON$", re.DOTALL)
VIEWS = (PHONE, DESKTOP)


def read_odd_names(visit: Visit) -> None:
    """Show that odd names stand on the page as text, and run nothing."""
    page = visit.page
    expect(page.get_by_label(COLUMN, exact=True)).to_be_visible()
    expect(page.get_by_role("rowheader", name=COLUMN, exact=True)).to_be_visible()
    expect(send(visit, "Predict")).to_contain_text("Prediction: ")
    named = page.locator("#try .probabilities dt").all_inner_texts()
    require(sorted(each.removesuffix(" ✓") for each in named) == sorted(LABELS), f"the labels are {named}")


def copy_odd_cells(visit: Visit) -> None:
    """Show that the command posts what the page sends, whatever a category holds."""
    page = visit.page
    expect(page.get_by_role("tablist").first).to_be_visible()  # the script has started
    for category in CATEGORIES:
        page.get_by_label("town", exact=True).fill(category)
        with page.expect_request("**/v1/predict") as asked:
            page.get_by_role("button", name="Predict", exact=True).click()
        found = BODY.search(page.locator("#try-code-curl").text_content() or "")
        require(found is not None, "the command does not end where its body ends")
        sent, copied = asked.value.post_data or "", found[1] if found else ""
        require(category in json.loads(sent)["dataframe_split"]["data"][0], f"{category!r} is not sent as it is")
        require(copied == sent, f"the command posts {copied}")


def read_odd_report(visit: Visit) -> None:
    """Show that a report card has odd labels as text."""
    for label in LABELS:
        expect(visit.page.get_by_text(label).first).to_be_attached()


def read_odd_examples(visit: Visit) -> None:
    """Show that the examples of the reference have odd names as text."""
    expect(visit.page.locator("pre", has_text=json.dumps(COLUMN)[1:-1]).first).to_be_attached()


FLOWS = (
    Flow(ODD, "/", read_odd_names, VIEWS),
    Flow(ODD, "/", copy_odd_cells, (DESKTOP,)),
    Flow(ODD, "/v1/models/odd/report", read_odd_report, VIEWS),
    Flow(ODD, "/docs", read_odd_examples, VIEWS),
)
