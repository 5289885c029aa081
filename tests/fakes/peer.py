"""A server on loopback that says exactly the bytes it is told, as slowly or as rudely as a test wants."""

import contextlib
import re
import socket
import threading


class Peer:
    """`speak(line)` answers each request on its open socket; `heads` keeps the requests, `lines` counts connections."""

    def __init__(self, speak, context=None):
        self.speak, self.context = speak, context
        self.heads, self.lines, self.open = [], 0, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        for line in (self.socket, *self.open):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join(5)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                line, _ = self.socket.accept()
                self.lines += 1
                self.open.append(line)
                thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _serve(self, line):
        with contextlib.suppress(OSError):
            if self.context is not None:
                wrapped = self.context.wrap_socket(line, server_side=True)
                self.open.append(wrapped)
                line = wrapped
            while request := self._request(line):
                self.heads.append(request)
                if self.speak(line) is False:
                    break
        line.close()

    def _request(self, line):
        read = b""
        while not _whole(read):
            more = line.recv(65536)
            if not more:
                return b""
            read += more
        return read


def _whole(read):
    head, ended, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return ended and len(body) >= int(length[1] if length else 0)


def reply(status="200 OK", body=b"{}", *headers):
    """The bytes of one whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
