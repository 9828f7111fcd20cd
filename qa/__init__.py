"""What is too long or too rough for every test run: servers, benchmark, faults, environments."""
