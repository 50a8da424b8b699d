"""Credentials that expire in mid-run, and clocks that are off: refreshed and corrected, or stopped and resumable."""
