import contextlib
import email.utils
import os
import socket
import struct
import subprocess
import sys
import threading
import time


def date(ago=0):
    return email.utils.formatdate(time.time() - ago, usegmt=True).encode()


# What is done after each request, in order; after the last, from the first.
# With "head" only the request's head is read before that.
@ANSWERS@

ENVIRONMENT = {
@ENVIRONMENT@
}
PATH = @PATH@

lock = threading.Lock()
given = 0


def keeps_alive(actions):
    sent = b"".join(action[1]() for action in actions if action[0] in ("send", "drip"))
    head = sent.partition(b"\r\n\r\n")[0].lower().split(b"\n")
    return any(line.strip() == b"connection: keep-alive" for line in head)


class Connection:
    def __init__(self, stream):
        self.stream = stream
        self.read = b""

    def more(self):
        data = self.stream.recv(65536)
        if not data:
            raise ConnectionError("the client closed the connection")
        self.read += data

    def until(self, end):
        while end not in self.read:
            self.more()
        text, _, self.read = self.read.partition(end)
        return text

    def take(self, length):
        while len(self.read) < length:
            self.more()
        taken, self.read = self.read[:length], self.read[length:]
        return taken

    def head(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines[1:])
        return lines[0], {name.strip().lower(): value.strip() for name, _, value in fields}

    def close(self):
        self.stream.shutdown(socket.SHUT_WR)
        self.drain()
        raise ConnectionError("the connection is closed")

    def body(self, fields):
        if fields.pop("expect", "").lower() == "100-continue" and not fields["old"]:
            self.stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in fields.pop("transfer-encoding", "").lower():
            body = b""
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                body += self.take(size)
                self.until(b"\r\n")
            while self.until(b"\r\n"):
                pass
            return body
        return self.take(int(fields.pop("content-length", 0)))

    def drain(self):
        with contextlib.suppress(OSError):
            while self.stream.recv(65536):
                pass

    def act(self, action, *arguments):
        if action == "send":
            (data,) = arguments
            self.stream.sendall(data())
        elif action == "drip":
            data, pause = arguments
            for byte in data():
                self.stream.sendall(bytes([byte]))
                time.sleep(pause)
        elif action == "pause":
            time.sleep(*arguments)
        elif action == "close":
            self.close()
        elif action == "reset":
            self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise ConnectionError("the script resets the connection")
        elif action == "hang":
            self.drain()
            raise ConnectionError("the client gave up")

    def serve(self):
        global given
        while True:
            line, fields = self.head()
            fields["old"] = line.endswith("HTTP/1.0")
            with lock:
                start, actions = ANSWERS[given % len(ANSWERS)]
                given += 1
            # RFC 9112 sections 9.3 and 9.6.
            options = [option.strip() for option in fields.get("connection", "").lower().split(",")]
            is_agreed = "keep-alive" in options and keeps_alive(actions)
            asks_to_close = "close" in options or fields["old"] and not is_agreed
            print("<-", line, file=sys.stderr, flush=True)
            if start == "request":
                print("  ", self.body(fields)[:400], file=sys.stderr, flush=True)
            for action in actions:
                if action == ("read",):
                    self.body(fields)
                elif action != ("idle",):
                    self.act(*action)
                elif not asks_to_close:
                    self.act("hang")
            if asks_to_close:
                self.close()
            if "content-length" in fields or "transfer-encoding" in fields:
                return  # The request's body was not read.


def serve(stream):
    with stream, contextlib.suppress(OSError):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Connection(stream).serve()


def accept(listener):
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(stream,), daemon=True).start()


def main():
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    port = listener.getsockname()[1]
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_SUPPORT": f"http://127.0.0.1:{port}{PATH}"}
    if command := sys.argv[1:]:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    for name, value in environment.items():
        print(f"export {name}={value}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        accept(listener)
    return 0


if __name__ == "__main__":
    sys.exit(main())
