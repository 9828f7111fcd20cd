"""The modules behind a request that touch no page: cells, files, code and JSON, each by examples."""

import json
from typing import Any

from qa.browser.flows.trying import require
from qa.browser.plan import BOTH_WIDTHS, Flow
from qa.browser.services import SERIES
from qa.browser.visit import Visit

CALL = """async (module) => {
  const [script] = document.querySelectorAll("script[type=module]");
  const loaded = await import(script.src.replace(/[^/]+$/, module));
  const schema = new (await import(script.src.replace(/[^/]+$/, "try_frame.js"))).Schema(TYPES, true);
  return (CODE)(loaded, schema);
}"""
TYPES = {"date": "date", "close": "number"}
FRAME = '{columns: ["", "Close"], rows: [["2013-03-01", "1.10"], ["2013-03-04", ""]]}'
REQUEST = f'{{frame: {FRAME}, members: {{level: [80], history: "none"}}}}'
NUMBERS = {
    "24.10": "24.10",
    "9007199254740993": "9007199254740993",
    "+1": "1",
    ".5": "0.5",
    "1.": "1",
    "-007": "-7",
    "1e5": "1e5",
    "": "null",
    "NaN": "null",
    "2,207.54": '"2,207.54"',
    "0x1": '"0x1"',
    "-": '"-"',
}
FILE = '\ufeffa,"b ""x"", y"\r\n1,"2\n3"\r\n\r\n4\n'
ROWS = "[\n  [1.10],\n  [null]\n]"
PRICES = {24.684343: "24.68", 9.99999: "10.0000", 1.0845: "1.0845", 31024.5: "31,024.50"}
ANSWER: dict[str, list[Any]] = {
    "columns": ["date", "forecast_date", "close", "y_pred", "close_pred", "naive", "close_lo-80", "close_hi-80"],
    "data": [
        ["2013-02-26", "2013-02-27", 9, 1, 9, 1, 8, 10.5],
        ["2013-02-27", "2013-02-28", 10, 1.1, 11, 1, 10.5, 11.5],
        ["2013-02-28", "2013-03-01", 12, None, None, 1, None, None],
        ["2013-03-05", "2013-03-06", 13, 1, 13, 1, 12.5, 13.5],
        ["2013-03-07", None, 14, 1, 14, 1, 13.5, 14.5],
    ],
}
"""The third row has no forecast, and that of the last one is of a session beyond the calendar."""
BARS = [
    ["2013-02-26", 9, None, None, [], False],
    ["2013-02-27", 10, 9, 9, [[80, 8, 10.5]], False],
    ["2013-02-28", 12, 10, 11, [[80, 10.5, 11.5]], True],
    ["2013-03-05", 13, None, None, [], False],
    ["2013-03-06", None, 13, 13, [[80, 12.5, 13.5]], False],
    ["2013-03-07", 14, None, None, [], False],
]
"""What the chart of that answer has: date, close, no change, the model's close, intervals, and whether they miss it."""
BODY = f'{{"dataframe_split": {{"columns": ["Close"], "data": {ROWS}, "index": ["2013-03-01", "2013-03-04"]}}'


def call(visit: Visit, module: str, code: str) -> Any:
    """Return what script makes of a module; `code` is a function of the module and of a Schema of closes."""
    return visit.page.evaluate(CALL.replace("TYPES", str(TYPES)).replace("CODE", code), module)


def fill(visit: Visit, template: str) -> Any:
    """Return a template that is filled with the request."""
    return call(visit, "try_snippets.js", f"(code, schema) => code.fillTemplate({template!r}, {REQUEST}, schema)")


def keep_digits(visit: Visit) -> None:
    """Show that a number stays the text that was typed, in the grammar of JSON, and nothing else becomes a number."""
    for text, expected in NUMBERS.items():
        found = call(visit, "try_cells.js", f"(cells) => cells.writeCell({text!r}, 'number')")
        require(found == expected, f"{text!r} is written as {found!r}")
    require(call(visit, "try_cells.js", "(cells) => cells.writeCell('7203', 'text')") == '"7203"', "text is no number")


def read_files(visit: Visit) -> None:
    """Show that fields of a file may be quoted, and a short line lacks its last cells."""
    found = call(visit, "try_csv.js", f"(files) => files.readCsv({FILE!r})")
    require(found == {"columns": ["a", 'b "x", y'], "rows": [["1", "2\n3"], ["4", ""]]}, f"the file is read as {found}")


def refuse_packed_files(visit: Visit) -> None:
    """Show that a file of gzip or Parquet is said to be no text; a faulty quote is not blamed."""
    for text in ("\x1f\ufffd\b\b", 'PAR1\x15\0"a'):
        code = f"(files) => {{ try {{ files.readTable({text!r}); }} catch (fault) {{ return fault.message; }} }}"
        said = call(visit, "try_csv.js", code)
        require(str(said).startswith("It is no text"), f"{text!r} is refused with {said}")


def write_bodies(visit: Visit) -> None:
    """Show that a frame is written as pandas writes it, its unnamed column as the index; to Python null is None."""
    body = fill(visit, "${json}")
    require(body == BODY + ', "level": [80], "history": "none"}', f"the body is {body}")
    rows = fill(visit, "${rows}${dtype}")
    require(rows == ROWS.replace("null", "None") + ", dtype=object", f"the rows are {rows}")
    laid = call(visit, "try_json.js", """(json) => json.layOut('{"a":[1.10,"x,{y"],"b":[[1],[2]]}')""")
    require(laid == '{"a": [1.10,\n    "x,{y"],\n  "b": [[1],\n    [2]]}', f"JSON is laid out as {laid}")


def show_prices(visit: Visit) -> None:
    """Show that a price has two digits, a small one four, as on the pages of the service."""
    for price, expected in PRICES.items():
        found = call(visit, "chart_data.js", f"(charts) => charts.showPrice({price})")
        require(found == expected, f"{price} is shown as {found}")


def chart_answers(visit: Visit) -> None:
    """Show that the chart of an answer has each forecast at its date, a miss marked, and nothing of several series."""
    chart = call(visit, "try_chart.js", f"(charts) => charts.chartAnswer({json.dumps(ANSWER)})")
    drawn = [[bar[each] for each in ("date", "close", "naive", "model", "bounds", "missed")] for bar in chart["bars"]]
    require(drawn == BARS, f"the chart has {drawn}")
    places = [bar["place"] - chart["bars"][0]["place"] for bar in chart["bars"]]
    require(places == [0, 1, 2, 7, 8, 9], f"the dates lie at {places}")
    require(chart["newest"] == 5, f"the newest close is at {chart['newest']}")
    several = {"columns": [*ANSWER["columns"], "symbol"], "data": [[*row, "S0"] for row in ANSWER["data"]]}
    found = call(visit, "try_chart.js", f"(charts) => charts.chartAnswer({json.dumps(several)})")
    require(found is None, "several series have one chart")


FLOWS = tuple(
    Flow(SERIES, "/", act, BOTH_WIDTHS[:1])
    for act in (keep_digits, read_files, refuse_packed_files, write_bodies, show_prices, chart_answers)
)
