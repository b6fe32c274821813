"""What the Makefile runs besides the tests; nothing of it is published with the package."""
