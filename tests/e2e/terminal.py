# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A program on a terminal of its own: what it wrote, what stands on the screen, keys."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios

from lab import LabError, wait_for

HOME = "\x1b[H"
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
SEQUENCE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")


class Terminal:
    """Runs argv on a new terminal; a context manager that ends it."""

    def __init__(self, argv, rows=24, columns=80, **env):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("NO_COLOR", "TERM")}
        environment.update(env)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.close(master)
            self._login(slave)
            os.execve(argv[0], [str(arg) for arg in argv], environment)
        self.master, self.slave = master, slave
        self.modes = termios.tcgetattr(slave)
        self.status = None
        self.bytes = b""

    @staticmethod
    def _login(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.slave)
        os.close(self.master)

    def text(self):
        """All that was written so far."""
        while select.select([self.master], [], [], 0)[0]:
            self.bytes += os.read(self.master, 65536)
        return self.bytes.decode()

    def screen(self):
        """The lines of the last picture, without colours."""
        picture = self.text().rpartition(HOME)[2]
        return [line.rstrip() for line in SEQUENCE.sub("", picture).split("\r\n")]

    def wait(self, what, condition):
        """Waits until condition() of what the terminal got."""
        wait_for(what, condition)

    def shows(self, text):
        self.wait(f"the screen shows {text!r}", lambda: any(text in line
                                                            for line in self.screen()))

    def press(self, key):
        os.write(self.master, key)

    def stopped(self):
        """Waits until the program has stopped, as by Ctrl-Z."""
        def is_stopped():
            pid, status = os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)
            if pid != 0 and not os.WIFSTOPPED(status):
                self.status = status
                raise LabError(f"it ended with {status}")
            return pid != 0
        self.wait("it has stopped", is_stopped)

    def end(self):
        """Waits for the end; returns the exit status, negative for a signal."""
        def ended():
            self.text()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                self.status = status
            return pid != 0
        self.wait("it has ended", ended)
        return os.waitstatus_to_exitcode(self.status)
