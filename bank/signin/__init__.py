"""Who somebody is: users, passwords, the way in, and the page at the way out."""
