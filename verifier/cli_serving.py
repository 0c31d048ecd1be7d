"""`verifier serve`: one registry for the windows of many offices."""

import socket
from pathlib import Path

import click

from shared import logs
from shared.key_files import COOKIE, read_pinned
from shared.settings import read_secret
from shared.supervised import supervised
from shared.web.serving import bound
from verifier.command import CONFIG, one_line_errors, registry_of, settings_at
from verifier.gathering import gathering
from verifier.rehearsal import require_own_registry
from verifier.settings import VerifierSettings, read_own_keys


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="In place of the settings' port.")
@CONFIG
def serve(port: int | None, config: Path) -> None:
    """Serve the registry to kiosks, and its console to browsers, until Ctrl-C or SIGTERM.

    Kiosks ask below /api/v1 (described at /api/v1/openapi.json); the console is at /console.
    /healthz tells that a worker lives, /readyz that it reaches its database, /metrics is for
    Prometheus. Processes keep nothing between two requests: put as many machines as you like behind
    a balancer. A process that dies is replaced.

    \b
    Example:
      verifier serve --config config/verifier.toml
    """
    logs.configure("verifier")
    with one_line_errors():
        settings = settings_at(config)
        _require_usable(settings)
        listener = bound(settings.host, settings.port if port is None else port)
    click.echo(f"Registry: http://{_address(listener)}/")
    with gathering():
        from verifier.workers import Workers  # not before: see `gathering`

        with supervised(*listener.getsockname()[:2]):
            Workers(settings, listener).run()


def _require_usable(settings: VerifierSettings) -> None:
    """Fail here in one line, and not in every worker."""
    with registry_of(settings) as sessions:
        require_own_registry(sessions, settings.test_keys)
        read_own_keys(settings.keys)
        read_pinned(settings.keys)
        read_secret(settings.keys / COOKIE)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
