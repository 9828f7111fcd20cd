"""Does the wheel work where nothing else of this repository is? `make dist-test`."""
