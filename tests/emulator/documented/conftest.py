"""The fixtures of the emulator's tests, and a refusal as plain values."""

from tests.emulator.conftest import client, service, world

__all__ = ["client", "service", "world"]
