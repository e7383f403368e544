"""Files of the gate on disk: packages, answers, the log, registers and lists."""
