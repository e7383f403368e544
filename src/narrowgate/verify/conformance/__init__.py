"""What a log shows of each requirement, for a court: shown, contradicted, not shown here, or not software's to show."""
