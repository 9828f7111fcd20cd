"""The `lockstep` command: one small module a subcommand."""
