"""Take docs/screenshots/*.png from the running app, with the sample shop imported and variants trained.

python scripts/screenshots.py [--dark] [--phone] [--workspace DIR]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from browser_harness import AppServer, Scheme, Screen, chromium  # noqa: E402  (found through the path above)
from shop import Shop, command, make_shop  # noqa: E402

PICTURES = ROOT / "docs" / "screenshots"
MODELS = ("popularity", "item-knn", "transitions", "funnel")
ITEM = "22423"  # shown on Items
NEW_WORKSPACE = Path("build/screenshots")  # relative: a page shows where the workspace is, and the server runs in the project's root
PAGES = {
    "home": "",
    "data": "data",
    "train": "train",
    "compare": "compare",
    "shoppers": "shoppers",
    "recommendations": "recommendations",
    "signals": "signals",
    "items": "items",
    "tune": "tune",
    "jobs": "jobs",
}


def shop_of(workspace: Path) -> Shop:
    """The shop in a workspace that is already filled."""
    variants = command(workspace, "variants")["variants"]
    return Shop(workspace, variants[0]["dataset"], tuple(row["id"] for row in variants))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dark", action="store_true", help="take dark ones as well")
    parser.add_argument("--phone", action="store_true", help="take ones of 390 pixels as well")
    parser.add_argument("--workspace", type=Path, help="a workspace with a dataset and variants; default: make one")
    given = parser.parse_args()
    schemes: list[Scheme] = ["light", "dark"] if given.dark else ["light"]
    widths = [1440, 390] if given.phone else [1440]
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="merchlens-screenshots-") as folder:
        log = Path(folder) / "server.log"
        if given.workspace is None:
            shutil.rmtree(ROOT / NEW_WORKSPACE, ignore_errors=True)
        shop = shop_of(given.workspace) if given.workspace else make_shop(NEW_WORKSPACE, MODELS)
        command(shop.workspace, "item", "--variant", shop.variants[1], "--item", ITEM)  # item-kNN's lists are looked at within seconds
        with AppServer(shop.workspace, log=log) as server, chromium() as browser:
            for scheme in schemes:
                for width in widths:
                    for name, path in PAGES.items():
                        query = shop.query + ("&diversity=0.3" if name == "tune" else "")
                        if name == "items":
                            query = f"dataset={shop.dataset}&variant={shop.variants[1]}&item={ITEM}"
                        screen = Screen.open(browser, server, f"{path}?{query}", width, scheme)
                        suffix = ("_phone" if width == 390 else "") + ("_dark" if scheme == "dark" else "")
                        print(screen.shoot(PICTURES / f"{name}{suffix}.png").relative_to(ROOT))
                        problems += [f"{name}{suffix}: {problem}" for problem in screen.problems()]
                        screen.close()
            problems += server.tracebacks()
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
