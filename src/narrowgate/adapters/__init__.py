"""What the steps need from outside: files, keys, databases, processes, the clock."""
