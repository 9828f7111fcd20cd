"""The pages of a service in a real browser: what they show, how they behave, and who can read them.

It runs in an environment of its own, without the library. `qa/browser/prepare.py` runs in that of the project.
"""
