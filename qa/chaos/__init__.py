"""Faults on purpose: what the service does when processes die, disks fill, clients dawdle and releases overlap.

`python -m qa.chaos` runs every fault, `python -m qa.chaos.load` two minutes of full load. Loopback only,
bounded in time.
"""
