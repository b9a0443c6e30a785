"""What strangers send: raw bytes, halves of handshakes, idle lines, and frames after an honest handshake."""
import socket
import ssl
import struct
from contextlib import ExitStack


def client_hello():
    """The first bytes of a TLS handshake, fresh ones each time."""
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    machine = careless().wrap_bio(inside, outside, server_hostname="anyone.example")
    try:
        machine.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outside.read()


def careless():
    """A TLS client that trusts whomever it reaches."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def dial(address, timeout=10):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout)


def reset(line):
    """Closes with RST instead of FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def half_handshake(address):
    line = dial(address)
    line.sendall(client_hello())
    reset(line)


def throw(address, payload):
    """Raw bytes without TLS."""
    with ExitStack() as stack:
        line = stack.enter_context(dial(address))
        try:
            line.sendall(payload)
        except OSError:
            pass  # it hung up on us: fine


def frame(payload, length=None):
    return struct.pack(">I", len(payload) if length is None else length) + payload


def speak(address, payload, timeout=60):
    """A whole TLS handshake, then `payload`; true if the hub closes the line within the time."""
    with dial(address, timeout) as raw, careless().wrap_socket(raw) as line:
        line.settimeout(timeout)
        try:
            line.sendall(payload)
            while line.recv(65536):
                pass
            return True
        except (ConnectionError, ssl.SSLError):
            return True
        except TimeoutError:
            return False
