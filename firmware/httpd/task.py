# Frostnet: functions that await something, or yield their answer piece by piece
# MIT license; Copyright (c) 2026 The Frostnet authors

# MicroPython makes the same object of an async function and of a generator. What it yields tells:
# None comes from an await, anything else is a piece of the answer. Either is run by the loop of
# services, and one whose pieces wait for the client is not run at all.


class Running:
    """A task of `client`'s. To asyncio it is a coroutine."""

    def __init__(self, client, generator):
        self._client = client
        self._generator = generator
        self._loop = client.service.loop()
        self._piece = None
        self._streams = False
        self._ended = False
        self._task = self._loop.start(self)

    # What asyncio calls.

    def send(self, value):
        try:
            self._took(self._generator.send(value))
        except StopIteration as e:
            self._end()
            if not self._streams and self._client is not None:
                self._client.returned(e.value)
            raise
        except BaseException as e:
            self._raised(e)
            raise StopIteration

    def throw(self, error):
        try:
            self._took(self._generator.throw(error))
        except StopIteration:
            self._end()
            raise
        except BaseException as e:
            self._raised(e)
            raise StopIteration

    def _took(self, got):
        if got is None:
            return
        piece = got.encode() if isinstance(got, str) else got
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            raise TypeError("a route yielded an object of type " + type(got).__name__)
        if self._client is None:
            return
        if not self._streams:
            self._streams = True
            self._piece = piece
            self._client.yields(self._pieces, self.cancel)
        else:
            self._piece = piece
            self._client.wake()

    def _raised(self, error):
        client = self._client
        self._end()
        if client is not None:
            client.raised(error)

    def _end(self):
        self._ended = True
        if self._client is not None:
            self._client.wake()

    # What the client calls.

    # The next piece of the answer, b"" if it is not there yet, None at the end.
    def _pieces(self):
        piece = self._piece
        if piece is not None:
            self._piece = None
            self._loop.resume(self._task)
            return piece
        return None if self._ended else b""

    def cancel(self):
        """The client has gone, or has it all."""
        if self._client is None:
            return
        self._client = None
        if self._ended:
            return
        if self._piece is not None:
            self._piece = None
            self._ended = True
            self._generator.close()  # it is in no queue
        else:
            self._loop.cancel(self._task)
