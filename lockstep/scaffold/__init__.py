"""What `lockstep init` writes: the packaged application, the files around it, and the library as a wheel."""
