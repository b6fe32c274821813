"""A page as it was written for the article's script, with ours in place of its own."""
