# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real PXE firmware in QEMU, without KVM: SeaBIOS with iPXE's option ROM, and OVMF with its own
PXE client. What boots is a stand-in for a PVS bootstrap that says which farm it belongs to."""

import shutil

from lab import LabError, built, wait_for

OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"
GAVE_UP = ("No bootable device", "BdsDxe: failed to load Boot0001")
STATUS_RAN = 85  # what the stand-in writes to isa-debug-exit

# The files of a farm by their usual names, and which stand-in plays them.
FILES = {"bios": "ARDBP32.BIN", "uefi": "pvsnbpx64.efi"}


def stand_in(firmware, farm):
    """The bytes of the stand-in bootstrap of a farm for "bios" or "uefi"."""
    image = built(f"tests/e2e/bootstrap/standin-{firmware}.bin").read_bytes()
    field = b"@" * 63
    if image.count(field) != 1:
        raise LabError(f"the stand-in for {firmware} has no field for the farm's name")
    return image.replace(field, farm.encode().ljust(63, b"\0"))


def stand_ins(farm):
    """A farm's files, by name."""
    return {name: stand_in(firmware, farm) for firmware, name in FILES.items()}


def stamp(firmware, farm, path):
    """Writes a stand-in bootstrap to path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stand_in(firmware, farm))
    return path


class Machine:
    """One machine, powered on. Its tap must be on a bridge of ns already. Under UEFI the client
    is OVMF's own, which has a driver for virtio only, or with ipxe that of the card's ROM."""

    def __init__(self, ns, firmware, tap, mac, device="virtio-net-pci", ipxe=False):
        self.ns = ns
        self.lab = ns.lab
        self.firmware = firmware
        self.mac = mac
        self.name = f"{firmware}-{ns.name}-{tap}"
        self.report = self.lab.path(f"{self.name}.report")
        self.serial = self.lab.path(f"{self.name}.serial")
        # With an empty romfile OVMF uses its own PXE client, with QEMU's default it is iPXE.
        rom = "" if firmware == "bios" or ipxe else ",romfile="
        self.program = ns.start(
            "qemu-system-x86_64", *self._platform(), "-accel", "tcg", "-no-reboot",
            "-nodefaults", "-vga", "none", "-display", "none",
            "-serial", f"file:{self.serial}",
            "-netdev", f"tap,id=net,ifname={tap},script=no,downscript=no",
            "-device", f"{device},netdev=net,mac={mac},bootindex=1{rom}",
            "-chardev", f"file,id=report,path={self.report}",
            "-device", "isa-debugcon,iobase=0xe9,chardev=report",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            name=self.name)

    def _platform(self):
        if self.firmware == "bios":
            return ["-machine", "pc,graphics=off", "-m", "128"]
        variables = self.lab.path(f"{self.name}.vars")
        shutil.copy(OVMF_VARS, variables)
        return ["-machine", "q35", "-m", "256",
                "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF_CODE}",
                "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]

    def wait(self, seconds=180.0):
        """Waits until a bootstrap ran; returns what it said. Fails when none did in time."""
        def ended():
            if any(words in self.console() for words in GAVE_UP):
                raise LabError(f"{self.name} gave up")
            return not self.program.alive()
        try:
            wait_for(f"{self.name} runs a bootstrap", ended, seconds)
        except LabError as error:
            self.program.stop()
            raise LabError(f"{error}\n{self.console()}") from None
        status = self.program.child.returncode
        if status != STATUS_RAN:
            raise LabError(f"{self.name}: QEMU ended with {status}\n{self.console()}")
        return self.report.read_text().strip()

    def console(self):
        """The last of what the firmware showed."""
        if not self.serial.exists():
            return ""
        return self.serial.read_bytes().decode("latin-1").replace("\r", "")[-2000:]
