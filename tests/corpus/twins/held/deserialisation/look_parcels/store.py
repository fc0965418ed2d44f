# twin: CWE-502
"""Where parcels are kept."""

import struct


def parcel_by_code(code):
    found = struct.unpack(">HH", bytes.fromhex(code)[:4])
    return str(found)
