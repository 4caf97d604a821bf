"""Threads publish without a pause while the process forks; children end as programs do."""

import os
import sys
import threading

from presently import SyncPublisher

CHILDREN, THREADS = 6, 3
publisher = SyncPublisher(source="/storm")
over = threading.Event()


def churn(name: str) -> None:
    """Until it is over."""
    count = 0
    while not over.is_set():
        count += 1
        publisher.publish("article.1", "a.b", id=f"{name}-{count}")
    print(f"{name} {count}\n", end="", flush=True)


threads = [threading.Thread(target=churn, args=(f"thread{n}",)) for n in range(THREADS)]
for thread in threads:
    thread.start()
for number in range(CHILDREN):
    child = os.fork()
    if child == 0:
        publisher.publish("article.1", "a.b", id=f"child{number}-1")
        print(f"child{number} 1\n", end="", flush=True)
        sys.exit(0)  # the interpreter is taken down, with all it has inherited
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, status
over.set()
for thread in threads:
    thread.join()
publisher.publish("article.1", "a.b", id="last-1")
print("last 1")
