from __future__ import annotations

import threading

from recengine.workspace.context import Cache


def test_least_recently_used_leaves_first():
    cache = Cache(2)
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    assert cache.get("a", lambda: make("a")) == "A"
    cache.get("b", lambda: make("b"))
    cache.get("a", lambda: make("a"))  # a is now the newer one
    cache.get("c", lambda: make("c"))  # so b leaves
    cache.get("a", lambda: make("a"))
    assert made == ["a", "b", "c"]
    cache.get("b", lambda: make("b"))
    assert made == ["a", "b", "c", "b"]


def test_one_thread_makes_the_others_wait():
    cache, made, start = Cache(4), [], threading.Barrier(8)

    def ask() -> None:
        start.wait()
        cache.get("model", lambda: made.append(1) or "model")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_failed_make_leaves_nothing_behind():
    cache = Cache(2)

    def fail() -> str:
        raise ValueError("no")

    for _ in range(2):
        try:
            cache.get("x", fail)
        except ValueError:
            continue
    assert cache.get("x", lambda: "fine") == "fine"


def test_forget_makes_anew():
    cache = Cache(2)
    cache.get("x", lambda: 1)
    cache.forget("x")
    cache.forget("never there")
    assert cache.get("x", lambda: 2) == 2
