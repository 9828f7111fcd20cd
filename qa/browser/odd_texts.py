"""Texts that are markup, slots of templates, shell or Python where they are not written as text."""

LONG = "x" * 400
COLUMN = '"><img src=x onerror=alert(1)>${json}{{7*7}}' + LONG
CATEGORIES = (
    "</script><script>alert(1)</script>",
    "'; JSON $(touch odd) `id` ${rows} $name \\ \"",
    "\N{RIGHT-TO-LEFT MARK}v2.0" + LONG,
)
LABELS = ("<svg onload=alert(1)>" + LONG, "${columns} {{config}} '\"\\")
