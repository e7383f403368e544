"""Private keys of persons, each named by one string: a file, or an object in a PKCS#11 token that keeps it."""
