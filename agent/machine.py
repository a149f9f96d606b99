"""What can be asked of this computer without rights: bits of a library, USB readers and their power.

Every question may stay unanswered (None): a diagnosis must not fail because a system differs.
"""

import platform
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

USB_DEVICES = Path("/sys/bus/usb/devices")
SMART_CARD_CLASS = "0b"  # USB class of CCID readers (USB-IF)
PE_MACHINES = {0x014C: 32, 0x8664: 64, 0xAA64: 64}  # i386, x64, ARM64 (PE format)
MACH_O = {0xFEEDFACE: 32, 0xFEEDFACF: 64}


@dataclass(frozen=True)
class UsbReader:
    """A reader as USB knows it. `saves_power`: the system may switch it off (manual 4)."""

    name: str
    saves_power: bool | None


def bits_of_python() -> int:
    return struct.calcsize("P") * 8


def system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def bits_of_library(path: Path) -> int | None:
    """32 or 64, by the head of the file; None for what is no library. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"\x7fELF" and len(head) > 4:
        return {1: 32, 2: 64}.get(head[4])
    if head[:2] == b"MZ" and len(head) >= 64:
        at = int.from_bytes(head[60:64], "little")
        if head[at : at + 4] == b"PE\0\0":
            return PE_MACHINES.get(int.from_bytes(head[at + 4 : at + 6], "little"))
    magic = int.from_bytes(head[:4], "little")
    return MACH_O.get(magic)


def usb_readers(devices: Path = USB_DEVICES) -> list[UsbReader] | None:
    """Readers that are plugged in, with a driver or not; None where nobody can say."""
    if sys.platform == "win32":
        return None  # Device Manager shows them; docs/how-to/install-agent.md says where
    if not devices.is_dir():
        return None
    found = {}
    for interface in devices.glob("*/bInterfaceClass"):
        if _line(interface) == SMART_CARD_CLASS:
            device = devices / interface.parent.name.partition(":")[0]
            name = _line(device / "product") or device.name
            control = _line(device / "power" / "control")
            found[device.name] = UsbReader(name, control == "auto" if control else None)
    return [found[key] for key in sorted(found)]


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
