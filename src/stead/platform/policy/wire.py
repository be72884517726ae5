"""Read from a checked expression which names it refers to.

The engine hands out its checked form only as bytes: a protobuf `Any` (field 2) around a `CheckedExpr`, whose field 2
is the map from expression id to `Reference`; a reference to a variable has a name (field 1) and no overloads (field
3). Reading three fields needs no protobuf library. Source: cel-spec, proto/cel/expr/checked.proto.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def variable_references(serialized: bytes) -> tuple[str, ...]:
    """Return the variables an expression refers to, each once, in written order; also those that `exists` binds."""
    checked = b"".join(_bytes_fields(serialized, 2))
    found = sorted(_variables(checked))
    return tuple(dict.fromkeys(name for _, name in found))


def _variables(checked: bytes) -> Iterator[tuple[int, str]]:
    for entry in _bytes_fields(checked, 2):
        for reference in _bytes_fields(entry, 2):
            names = _bytes_fields(reference, 1)
            if names and not _bytes_fields(reference, 3):
                yield _first_int(entry), names[0].decode()


def _bytes_fields(message: bytes, number: int) -> list[bytes]:
    return [value for field, value in _fields(message) if field == number and isinstance(value, bytes)]


def _first_int(entry: bytes) -> int:
    return next((value for field, value in _fields(entry) if field == 1 and isinstance(value, int)), 0)


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if wire == _BYTES:
            length, at = _varint(message, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire} does not occur in a checked expression")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
