"""One target under atheris: the process that `tests.fuzz` starts."""

import sys

import atheris

INSTRUMENTED = ["shared", "issuer", "verifier", "hardware", "PIL", "csv", "json", "werkzeug"]


def main() -> None:
    """`python -m tests.fuzz.one TARGET LIBFUZZER-OPTION…`."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
