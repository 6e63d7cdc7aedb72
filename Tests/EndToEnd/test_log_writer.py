"""Log lines while nothing reads standard error."""

import fcntl
import os
import subprocess

import pytest

from portal import eventually, program
from served import Served, answers

PAGE = 4_096


class UnreadLog(Served):
    """A portal whose standard error is a pipe of one page, which is read only when a test asks."""

    blocks = True

    def start(self):
        self.reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PAGE)
        os.set_blocking(writer, self.blocks)
        self.process = subprocess.Popen([program(), "serve"], env=self.environment, stderr=writer)
        os.close(writer)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json"))
        return self

    def lines(self):
        """All lines up to the end of the process."""
        with open(self.reader, encoding="utf-8") as log:
            return log.read().splitlines()


class NonBlockingLog(UnreadLog):
    """The same pipe as a parent leaves it that shares its own non-blocking one."""

    blocks = False


@pytest.mark.parametrize("portal", [UnreadLog, NonBlockingLog])
def test_guests_are_served_while_nothing_reads_the_log(tmp_path, portal):
    with portal(tmp_path) as served:
        served.hotel("client", "secret", provider="github")
        guests = range(2, 102)
        for number in guests:
            _, provider = served.leave(number)
            assert provider.startswith("https://github.com/")
        served.process.terminate()
        lines = served.lines()
    begun = [line for line in lines if "sign-in begun" in line]
    assert sum(map(len, begun)) > 2 * PAGE, "the pipe must have been full"
    assert [f"ip=10.9.0.{number}" in line for number, line in zip(guests, begun)] == [True] * len(guests), lines
    assert served.process.wait(timeout=15) == 0
