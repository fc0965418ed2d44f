"""What passes through a proxy after the head of a request: bytes of a tunnel, or one body and one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from domain.jobs.proxy_request import MalformedRequestError, size_of_chunk

CHUNK_BYTES = 65_536
END_OF_LINE = b"\r\n"
Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]
"""From one side to the other."""
Moved = Callable[[], None]
"""Called whenever bytes have passed."""


async def both(there: Way, back: Way, moved: Moved) -> None:
    """Until both directions have ended.

    Raises:
        OSError: one side broke off.
    """
    await _together(_copied(there, moved), _copied(back, moved))


async def exchanged(there: Way, back: Way, length: int | None, moved: Moved) -> None:
    """The body of a request and, meanwhile, all of the answer. `length` None: it comes in chunks.

    Raises:
        OSError: one side broke off.
        MalformedRequestError: the body is malformed.
    """
    sending = asyncio.ensure_future(_sent(there, length, moved))
    answering = asyncio.ensure_future(_copied(back, moved))
    try:
        await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_EXCEPTION)
        if sending.done() and sending.exception() is not None:
            sending.result()
        await answering  # an answer may come before the body has been read, and ends the exchange
    finally:
        for one in (sending, answering):
            one.cancel()
        await asyncio.gather(sending, answering, return_exceptions=True)


async def _together(*ways: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.ensure_future(one) for one in ways]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copied(way: Way, moved: Moved) -> None:
    reader, writer = way
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
        moved()
    if writer.can_write_eof():
        writer.write_eof()


async def _sent(way: Way, length: int | None, moved: Moved) -> None:
    """Exactly one body: what the job writes behind it stays here."""
    if length is not None:
        await _part(way, length, moved)
        return
    reader, writer = way
    while size := size_of_chunk((await reader.readuntil(END_OF_LINE)).removesuffix(END_OF_LINE)):
        writer.write(f"{size:x}\r\n".encode())
        await _part(way, size, moved)
        if await reader.readexactly(2) != END_OF_LINE:
            raise MalformedRequestError("a chunk of its body is longer than it says")
        writer.write(END_OF_LINE)
    writer.write(b"0\r\n\r\n")  # without trailers
    await writer.drain()


async def _part(way: Way, length: int, moved: Moved) -> None:
    reader, writer = way
    while length:
        data = await reader.read(min(length, CHUNK_BYTES))
        if not data:
            raise ConnectionResetError("it ended within a body")
        length -= len(data)
        writer.write(data)
        await writer.drain()
        moved()
