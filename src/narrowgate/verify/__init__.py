"""The offline verifier: files and a public key in, a report or an error out; nothing is written."""
