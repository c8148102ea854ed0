"""The command ``readiness``, also as ``python -m bot``."""

from bot.runtime.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
