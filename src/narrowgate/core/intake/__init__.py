"""What the intake says of a package: when it arrived, what became of it, and from when that may be seen."""
