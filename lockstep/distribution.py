"""The name under which the library is published; `lockstep` itself is another project's on the public index."""

DISTRIBUTION = "lockstep-sklearn"


def install_command(*extras: str) -> str:
    """Return the command that installs the library with the named extras: `serve`, `train`, `parity`."""
    return f"pip install '{DISTRIBUTION}[{','.join(extras)}]'"
