"""One reader under atheris, in a process of its own: ``python -m tests.soak.guided READER FOUND -seed=7 …``.

Coverage leads the way through the program's own code and the standard library's TOML. What is found is
written to the file FOUND, a line of JSON each, and the search goes on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["biobank_desktop", "tomllib"]):
    from tests.soak.readers import READERS, judge


def main() -> None:
    """Search until ``-runs`` is reached; atheris ends the process."""
    name, found, *options = sys.argv[1:]
    reader, known = READERS[name], set[str]()

    def one(content: bytes) -> None:
        wrong = judge(reader, content)
        if wrong and wrong not in known:
            known.add(wrong)
            with Path(found).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"wrong": wrong, "content": content.hex()}) + "\n")

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
