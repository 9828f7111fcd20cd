"""Bundles of many series: one model, an index of its series, and two arrays that are read one series at a time."""
