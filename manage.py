#!/usr/bin/env python
"""Django's command line, with this project's settings."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from upscrolled.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(str(error))
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"PostgreSQL refuses: {str(error).strip().splitlines()[0]}\n"
            "If the product does not run, start it (make up, with the same DATA_DIR) or name another PostgreSQL "
            "(DATABASE_URL)."
        )


if __name__ == "__main__":
    main()
