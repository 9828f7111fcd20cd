"""The library's own app, without routes of a user: what `lockstep serve` runs."""

from lockstep.web.app import boot_app, create_app

app = boot_app(create_app)
