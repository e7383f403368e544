"""The command line: the nouns of the domain, data on stdout, everything else on stderr."""
