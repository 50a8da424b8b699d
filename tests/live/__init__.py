"""Proves on a real account what ecsplan assumes of it, with the smallest things that prove it. See README.md here."""
