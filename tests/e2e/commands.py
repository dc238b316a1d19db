# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""pvsboot on the command line, for tests that need no network: the fixtures are in conftest."""

import json
import shutil
import subprocess

from lab import BUILD

CONFIG = """
boot-servers: [10.0.0.5]
farms:
  east:
    servers:
      - 10.1.0.11
      - {address: 10.1.0.12, name: PVSE2, weight: 2}
  west:
    servers: [10.2.0.11]
scopes:
  10.20.0.0/16: east
  10.20.64.0/18: west
  subnet-id 42: {farm: west, prefix: 10.9.0.0/24}
  10.30.0.0/16: {farm: east, bootstrap: {uefi-x64: pvsnbpx64-2023.efi}}
  10.40.0.0/16: none
  default: none
"""
MAC = "52:54:00:00:00:01"


class Cli:
    """pvsboot with its folders in one place."""

    def __init__(self, lab):
        self.lab = lab
        self.root = lab.path("cli")
        self.root.mkdir()

    def path(self, name):
        return self.root / name

    def run(self, *args, status=0, stdin=None, **options):
        """Runs a command and checks its exit status: (stdout, stderr)."""
        folders = [f"--{name}={self.path(folder)}" for name, folder in
                   (("db", "map"), ("state", "state"), ("cache", "cache"),
                    ("journal", "journal"))]
        program = self.for_everybody() if "user" in options else BUILD / "cli/pvsboot"
        done = subprocess.run([program, *args, *folders], input=stdin,
                              capture_output=True, text=True, **options)
        assert done.returncode == status, (args, done.returncode, done.stdout, done.stderr)
        if status == 0:
            assert "error" not in done.stderr, done.stderr
        else:
            assert "error: " in done.stderr or args[0] in ("check", "apply"), done.stderr
        return done.stdout, done.stderr

    def for_everybody(self):
        """A copy of the program: the build may lie in a home that others may not enter."""
        return shutil.copy(BUILD / "cli/pvsboot", self.lab.path("pvsboot"))

    def out(self, *args, **options):
        return self.run(*args, **options)[0]

    def err(self, *args, status, **options):
        return self.run(*args, status=status, **options)[1]

    def json(self, *args, **options):
        return json.loads(self.out(*args, "--json", **options))

    def apply(self, text, *args, **options):
        path = self.path("applied.yaml")
        path.write_text(text)
        return self.run("apply", str(path), *args, **options)

    def state(self):
        """(revision, digest) of the map."""
        answer = self.json("explain", MAC)
        return answer["revision"], answer["digest"]

    def audit(self):
        return [json.loads(line)
                for line in self.path("journal/audit.log").read_text().splitlines()]
