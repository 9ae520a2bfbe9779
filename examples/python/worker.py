"""A worker for any model: worker.py PORT MODULE. MODULE has classify(picture: bytes), which returns five pairs of a label
and a probability, most probable first, or raises ValueError for a picture that it can't decode. It speaks the plain
exchange of docs/protocol.md; the numbers in the comments are the steps and rules there."""
import base64, importlib, re, socket, socketserver, sys, time

LIMIT = 32 << 20
SIZE = re.compile(rb"D (\d{1,10}) -(\d{4})")


def checksum(payload):
    return b"-%04d" % ((sum(payload) & 0xFFF) + 1)


class Exchange(socketserver.BaseRequestHandler):
    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = time.monotonic() + 10  # rule 6
        self.held = b""

    def receive(self, count, patience=10.0):
        """Returns count bytes, or fewer after the patience or at the connection's end."""
        until = min(self.deadline, time.monotonic() + patience)
        while len(self.held) < count and (left := until - time.monotonic()) > 0:
            self.request.settimeout(left)
            try:
                piece = self.request.recv(65536)
            except TimeoutError:
                break
            if not piece:
                raise ConnectionError
            self.held += piece
        got, self.held = self.held[:count], self.held[count:]
        return got

    def size(self):
        for _ in range(3):  # rule 5
            text = b""
            while len(text) < 22 and not SIZE.fullmatch(text) and (byte := self.receive(1, 10 if not text else 0.25)):
                text += byte
            found = SIZE.fullmatch(text)
            if found and checksum(found[1])[1:] == found[2] and 0 < int(found[1]) <= LIMIT and int(found[1]) % 4 == 0:
                return int(found[1]), text
            self.held = b""
            self.request.sendall(b"N")
            if b";" in text:  # Parameters of the extended exchange, which this worker does not speak.
                break
        raise ConnectionError

    def image(self, size, copy):
        for _ in range(3):
            message = self.receive(size + 8)
            while message.startswith(copy):  # rule 3: a size that came twice
                message = message[len(copy):] + self.receive(len(copy))
            payload = message[2:-6]
            try:
                if message[:2] == b"D " and message[-6:] == b" " + checksum(payload):
                    return base64.b64decode(payload, validate=True)
            except ValueError:
                pass
            self.request.sendall(b"N")
        raise ConnectionError

    def handle(self):
        try:
            size, message = self.size()
            self.request.sendall(b"A")
            picture = self.image(size, message)
            self.request.sendall(b"A")
            try:
                pairs = self.server.classify(picture)
            except ValueError:
                self.request.sendall(b"N")  # It is the picture's fault.
                return
            payload = ",".join(f"{label}:{probability!r}" for label, probability in pairs).encode()
            time.sleep(0.01)  # rule 2: the A travels alone
            while time.monotonic() < self.deadline:
                self.request.sendall(b"D " + payload + b" " + checksum(payload))
                if self.receive(1, 1.0) == b"A":
                    return
        except OSError:
            pass  # The client has gone, or its third attempt failed.


class Worker(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


if __name__ == "__main__":
    sys.path.insert(0, "")
    with Worker(("127.0.0.1", int(sys.argv[1])), Exchange) as worker:
        worker.classify = importlib.import_module(sys.argv[2]).classify
        worker.serve_forever()
