# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Fixtures of the end-to-end tests. A failing test shows the logs of every program it started."""

import os
import shutil

import pytest

from commands import CONFIG, Cli
from lab import Lab

NEEDED = ("kea-dhcp4", "ip", "nsenter", "setpriv")


def pytest_configure(config):
    if os.geteuid() != 0:
        raise pytest.UsageError("the end-to-end tests make network namespaces: run them as root")
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        raise pytest.UsageError(f"not installed: {', '.join(missing)}; see ./quickstart test")


@pytest.fixture
def lab(request):
    """A lab for one test."""
    with Lab(request.node.name) as made:
        yield made


@pytest.fixture
def cli(lab):
    """pvsboot, with no map yet."""
    return Cli(lab)


@pytest.fixture
def applied(cli):
    """pvsboot with the map of commands.CONFIG."""
    cli.apply(CONFIG)
    return cli


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for made in Lab.alive:
            report.sections += [(f"log of {name}", text) for name, text in made.logs()]
