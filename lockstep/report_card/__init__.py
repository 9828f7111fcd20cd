"""The report card of a model: what its forecasts are worth, as JSON and as a page."""
