"""Where somebody is signed in: their own list, and the administrator's of everyone."""
