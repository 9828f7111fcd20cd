"""`python -m cli` is `lockstep`."""

from cli.main import main

main()
