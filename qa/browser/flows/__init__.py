"""What people do on the pages, a module for each part of them."""

from itertools import chain

from qa.browser.flows import (
    audit,
    console,
    copying,
    dropping,
    keys,
    odd_names,
    pages,
    price_forms,
    reference,
    trying,
    trying_modules,
)

MODULES = (pages, console, keys, trying, dropping, price_forms, copying, trying_modules, reference, audit, odd_names)
FLOWS = tuple(chain.from_iterable(module.FLOWS for module in MODULES))
