"""The pages for people: the console at `/`, and the files that its pages load."""
