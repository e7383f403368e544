"""``python -m narrowgate`` is the command ``narrowgate``."""

from narrowgate.entrypoints.cli.main import main

if __name__ == "__main__":
    main()
