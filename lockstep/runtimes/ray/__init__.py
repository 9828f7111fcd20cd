"""Ray Serve: the app in a replica. Of these modules only `deployment` needs Ray."""
