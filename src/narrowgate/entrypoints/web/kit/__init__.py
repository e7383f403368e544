"""What every application of pages is made of: markup, strings, and the guards that no page can leave out."""
