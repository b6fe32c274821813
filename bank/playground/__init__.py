"""The playground, in the demonstration only: other timing, moved time, and what can go wrong."""
