"""
The command line `silkroot`.

Exit codes: 0 yes, 1 no (a verdict is bad, rows were refused), 2 could not tell, or bad usage. `--json` on every command
prints one JSON object or array to standard output and nothing else. Words for people go to standard error.
"""

from __future__ import annotations

import os
import sys

from api.cli import words


def main() -> None:
    """Entry point of the `silkroot` script."""
    words.choose(words.chosen_language(sys.argv[1:], os.environ))
    # Imported now that the language is known, since some help texts are made when the commands are.
    from api.cli.commands import branch
    from api.cli.output import fail
    from ledger.domain.errors import SilkrootError

    app = branch(words.command_word(sys.argv[1:]))
    try:
        if words.language() == "en":
            app()
        else:
            from api.cli.help_words import run

            sys.exit(run(app))
    except SilkrootError as error:
        sys.exit(fail(error))
    except BrokenPipeError:
        sys.exit(2)
    except OSError as error:
        # A folder that cannot be made, a file that cannot be written.
        if error.filename is None:
            raise
        sys.exit(fail(SilkrootError(f"{error.filename}: {error.strerror}")))
