"""A small load generator: keep-alive connections over raw sockets, prepared requests."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Outcome:
    seconds: float = 0.0
    count: int = 0
    bytes: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


def request(
    method: str, path: str, *, cookie: str = "", body: str = "", headers: str = ""
) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    if headers:
        lines.append(headers)
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Connection:
    """One keep-alive connection; `send` returns status and body length."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.buffer = b""

    def send(self, data: bytes) -> tuple[int, int]:
        self.socket.sendall(data)
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        head = self.buffer[:end].lower()
        status = int(head[9:12])
        length = 0
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        while len(self.buffer) < end + 4 + length:
            self._more()
        self.buffer = self.buffer[end + 4 + length :]
        return status, length

    def _more(self) -> None:
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data


def run(port: int, requests: list[list[bytes]], *, seconds: float) -> Outcome:
    """Send each list over a connection of its own until it ends or the time is up."""
    outcome = Outcome()
    lock = threading.Lock()
    until = time.perf_counter() + seconds

    def work(own: Iterator[bytes]) -> None:
        connection = Connection(port)
        count = size = 0
        statuses: dict[int, int] = {}
        for data in own:
            if time.perf_counter() >= until:
                break
            status, length = connection.send(data)
            statuses[status] = statuses.get(status, 0) + 1
            count += 1
            size += length
        with lock:
            outcome.count += count
            outcome.bytes += size
            for status, number in statuses.items():
                outcome.statuses[status] = outcome.statuses.get(status, 0) + number

    threads = [threading.Thread(target=work, args=(iter(own),)) for own in requests]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - started
    return outcome
