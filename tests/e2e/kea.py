# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A real kea-dhcp4 in a namespace of the lab.

The binary runs from a copy in the lab's folder, so that no AppArmor profile that is attached to
its path applies, and every file it writes lies there too."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

from lab import LabError, built, wait_for

KEA = "/usr/sbin/kea-dhcp4"


def hooks_dir():
    """The folder with Kea's own hook libraries."""
    return next(pathlib.Path("/usr/lib").glob("*/kea/hooks"))


def sanitizers(library):
    """The run-time libraries to preload for a hook library that was built with sanitizers: Kea
    itself was not, and they must come first in a process."""
    marks = library.read_bytes()
    names = [name for name, mark in (("libasan.so", b"__asan_init"),
                                     ("libubsan.so", b"__ubsan_handle")) if mark in marks]
    return [subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
            for name in names]


def subnet(number, prefix, pool, **more):
    """A subnet4 entry; pool is "FIRST - LAST"."""
    return {"id": number, "subnet": prefix, "pools": [{"pool": pool}], **more}


class Kea:
    """One kea-dhcp4. config is a Dhcp4 map (without the outer name); what the lab needs is
    filled in where the test does not say it. hooks lists libraries in order: ("pvsboot",
    {parameters}) is ours, ("libdhcp_bootp.so", {}) one of Kea's, a path any other. They are
    loaded from copies, or, in_place, as Kea's own environment lets an admin load them."""

    def __init__(self, ns, interfaces, subnets, hooks=(), name="kea", env=None, wrap=(),
                 in_place=False, **config):
        self.ns = ns
        self.lab = ns.lab
        self.name = name
        self.dir = self.lab.path(name)
        self.dir.mkdir()
        # Kea from 2.6.3 on wants the folder of its control socket so.
        self.dir.chmod(0o750)
        self.env = env or {}
        self.wrap = list(wrap)
        self.hooks = hooks
        self.in_place = in_place
        self.preload = []
        self.program = None
        self.config = {
            "interfaces-config": {"interfaces": list(interfaces), "dhcp-socket-type": "raw"},
            "lease-database": {"type": "memfile", "persist": False},
            "control-socket": {"socket-type": "unix", "socket-name": str(self.dir / "ctrl")},
            "valid-lifetime": 3600,
            # As good as off, which 2.2 has no number for: 3.0 gives a lease that it reuses what
            # is left of its time, and equal questions would get unequal bytes.
            "cache-threshold": 1e-6,
            "subnet4": list(subnets),
            "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
                         "output_options": [{"output": "stdout"}]}],
            **config,
        }
        self.binary = self.dir / "kea-dhcp4"
        shutil.copy(KEA, self.binary)

    def _libraries(self):
        entries = []
        for library, parameters in self.hooks:
            if library == "pvsboot":
                source = built("libdhcp_pvsboot.so")
            elif "/" in str(library):
                source = pathlib.Path(library)
            else:
                source = hooks_dir() / library
            target = source if self.in_place else self.dir / source.name
            if not self.in_place:
                # A new file each time: Kea may have the old one mapped.
                target.unlink(missing_ok=True)
                shutil.copy(source, target)
            self.preload += [name for name in sanitizers(target) if name not in self.preload]
            entries.append({"library": str(target), "parameters": parameters})
        return entries

    def write_config(self):
        """Writes the configuration as self.config and self.hooks say it; returns its path."""
        path = self.dir / "kea.json"
        whole = {"Dhcp4": {**self.config, "hooks-libraries": self._libraries()}}
        path.write_text(json.dumps(whole, indent=1))
        return path

    def _env(self):
        """Every folder that Kea may write to or, from 2.6.3 on, must stay within."""
        folders = ["PIDFILE_DIR", "LOCKFILE_DIR", "DHCP_DATA_DIR", "CONTROL_SOCKET_DIR",
                   "LOG_FILE_DIR"] + ([] if self.in_place else ["HOOKS_PATH"])
        return {**{f"KEA_{folder}": str(self.dir) for folder in folders},
                "KEA_LOGGER_DESTINATION": "stdout", **self.env}

    def check(self):
        """Has a second process look at the configuration, with its libraries from 2.4 on."""
        version = self.ns.run(self.binary, "-v").stdout
        return self.ns.run(self.binary, "-t" if version.startswith("2.2.") else "-T",
                           self.write_config(), env={**os.environ, **self._env()})

    def start(self, wait=True):
        """Starts Kea and, unless told not to, waits until it serves."""
        config = self.write_config()
        env, wrap = self._env(), self.wrap
        if self.preload:
            # Kea's own leaks at its end are not ours to judge.
            env.setdefault("ASAN_OPTIONS", "detect_leaks=0")
            wrap = [*wrap, "env", "LD_PRELOAD=" + " ".join(self.preload)]
        self.program = self.ns.start(*wrap, self.binary, "-c", config, name=self.name, env=env)
        if wait:
            self.wait_serving()
        return self

    def wait_serving(self, seconds=20.0):
        """Kea opens its DHCP sockets before it takes the first command."""
        def answers():
            if not self.program.alive():
                raise LabError(f"Kea ended with {self.program.child.returncode}:\n"
                               f"{self.program.text()}")
            try:
                return self.command("version-get")["result"] == 0
            except (OSError, ValueError):
                return False
        wait_for("Kea answers on its control socket", answers, seconds)

    def command(self, name, arguments=None, seconds=20.0):
        """One command over the control socket; returns the answer as Kea gave it."""
        request = {"command": name}
        if arguments is not None:
            request["arguments"] = arguments
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(seconds)
            sock.connect(str(self.dir / "ctrl"))
            sock.sendall(json.dumps(request).encode())
            sock.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := sock.recv(65536):
                answer += chunk
        return json.loads(answer)

    def reload(self):
        """Takes self.config and self.hooks in force in the running server."""
        self.write_config()
        answer = self.command("config-reload")
        if answer["result"] != 0:
            raise LabError(f"config-reload: {answer}")

    def stop(self, **kwargs):
        """Ends Kea in order and returns its exit status. Under a preloaded sanitizer Kea hangs
        now and then in a destructor of a system library, with no hook of ours as well, after
        it has closed its own libraries: that counts as the end."""
        if not self.preload or not self.program.alive():
            return self.program.stop(**kwargs)
        self.program.child.send_signal(signal.SIGTERM)
        wait_for("Kea has closed its libraries", lambda: not self.program.alive() or
                 "HOOKS_LIBRARY_CLOSED" in self.log().partition("DHCP4_SHUTDOWN")[2])
        status = self.program.stop(seconds=1.0)
        return 0 if status == -signal.SIGKILL else status

    def kill(self):
        """Ends Kea as a crash would."""
        self.program.child.kill()
        self.program.child.wait()

    def log(self):
        return self.program.text()

    def cpu_seconds(self):
        """CPU time of the process's threads so far, to the nanosecond."""
        tasks = pathlib.Path(f"/proc/{self.program.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
