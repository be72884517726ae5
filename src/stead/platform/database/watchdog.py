"""Stop the server once nobody uses it any more, even when the last user was killed and could not say good-bye.

Started with the server as `python -m stead.platform.database.watchdog DATA_DIR`; detaches itself into its own
session, one per cluster. It holds no share of the cluster, only looks once a second whether anybody does. It ends
with the server it stopped, or a few seconds after it found neither user nor server (a starting server may still
appear when its starter was killed meanwhile). A regular last user stops the server itself and sends it away.
"""

import os
import sys
import time
from pathlib import Path

from stead.platform.database.layout import Layout
from stead.platform.database.locks import FileLock
from stead.platform.database.postmaster import find_postmaster, stop_postmaster

LOOK_SECONDS = 1.0
QUIET_LOOKS = 10


def main(data_dir: Path) -> int:
    """Detach and watch; the starter sees 0 as soon as a watchdog is on duty, this one or another."""
    layout = Layout(data_dir)
    duty = FileLock(layout.watchdog_lock)
    if not duty.try_exclusive():
        return 0
    pid = os.fork()
    if pid:
        duty.write(str(pid))
        os._exit(0)  # the child keeps the lock: it belongs to the open file, not to the process
    watch(layout)
    duty.close()  # before the change lock, which the end of the process drops: nobody may mistake us for on duty
    return 0


def watch(layout: Layout) -> None:
    """Return, still holding the change lock, when there is nothing left to guard."""
    change, users = FileLock(layout.change_lock), FileLock(layout.users_lock)
    quiet_looks = 0
    while layout.change_lock.exists():
        time.sleep(LOOK_SECONDS)
        if not change.try_exclusive():
            continue
        if users.try_exclusive():
            server = find_postmaster(layout.pgdata)
            if server:
                stop_postmaster(server)
                layout.remove_short_socket_dir()
                return
            quiet_looks += 1
            if quiet_looks >= QUIET_LOOKS:
                return
        else:
            quiet_looks = 0
        users.release()
        change.release()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
