"""What every protocol and every runtime shares: settings, keys, limits, problems, metrics, log."""
