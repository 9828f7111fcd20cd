"""`python -m lockstep` is `lockstep`."""

from lockstep.cli.main import main

main()
