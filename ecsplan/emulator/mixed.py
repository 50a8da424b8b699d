"""Plain HTTP and TLS on one port, told apart by the first byte; and a proxy, for clients that know only real names.

Some clients speak https to some services whatever they are told, and some take no other endpoint than the real host
names. The latter are given this port as their HTTPS proxy: whatever they CONNECT to, it is the emulator that answers.
"""

from __future__ import annotations

import socket

from ecsplan.emulator.server import EmulatorServer, Reader

HANDSHAKE, PROXY = b"\x16", b"C"  # of a TLS record; of CONNECT, alone among the methods


class MixedServer(EmulatorServer):
    """An EmulatorServer with a certificate that also answers those who speak plain HTTP."""

    @property
    def url(self) -> str:
        return super().url.replace("https://", "http://", 1)

    def _secured(self, connection: socket.socket) -> socket.socket:
        first = connection.recv(1, socket.MSG_PEEK)
        if first == PROXY:
            # Byte for byte what the client has sent so far: it waits for the answer before it begins with TLS.
            Reader(connection).read_request()
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            first = connection.recv(1, socket.MSG_PEEK)
        return super()._secured(connection) if first == HANDSHAKE else connection
