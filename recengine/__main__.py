"""`python -m recengine`."""

from recengine.cli import main

if __name__ == "__main__":
    main()
