"""Batch jobs as they are run: how fast they are, and what they withstand."""
