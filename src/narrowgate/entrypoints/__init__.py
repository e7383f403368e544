"""Where people and programs come in: the command line, and the sandbox behind two of its commands."""
