"""What people have: accounts, what moved on them, and the pages that show it."""
