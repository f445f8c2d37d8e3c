"""`python -m checkout.sandbox --port 12111 --state sandbox.sqlite3`: the local Stripe as one process on loopback."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import LIMITS, SandboxSettings, WebhookTarget

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 2 for a refused setting, 1 for a server that could not start."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    try:
        settings = _settings(options)
        port = _free_port(options.port)
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        return 2
    base_url = f"http://{HOST}:{port}"
    sandbox = create_sandbox(replace(settings, base_url=settings.base_url or base_url))
    return asyncio.run(_serve(sandbox, port, base_url, options.ready_file))


async def _serve(sandbox: Sandbox, port: int, base_url: str, ready_file: Path | None) -> int:
    server = Server(sandbox, HOST, port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        server.stop()  # type: ignore[no-untyped-call]  # granian ships this method without types

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    announcement = asyncio.create_task(_announce(port, base_url, ready_file))
    await server.serve()
    announcement.cancel()
    return 0 if stopped else 1


async def _announce(port: int, base_url: str, ready_file: Path | None) -> None:
    """Say so on standard output, and in a file, once the port answers."""
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        break
    ready = json.dumps({"base_url": base_url, "pid": os.getpid()})
    sys.stdout.write(f"{ready}\n")
    sys.stdout.flush()
    if ready_file is not None:
        partial = ready_file.with_name(ready_file.name + ".partial")
        partial.write_text(ready)
        partial.replace(ready_file)


def _free_port(wanted: int) -> int:
    """The port, or any free one for 0; refuses one that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, wanted))
        return int(probe.getsockname()[1])


def _settings(options: argparse.Namespace) -> SandboxSettings:
    urls, secrets = options.webhook_url or [], options.webhook_secret or []
    if len(urls) != len(secrets):
        raise ValueError("Every --webhook-url needs its --webhook-secret.")
    return SandboxSettings(
        state=options.state,
        keys=tuple(options.key or ()),
        webhooks=tuple(WebhookTarget(url, secret) for url, secret in zip(urls, secrets, strict=True)),
        base_url=(options.base_url or "").rstrip("/"),
        shop_name=options.shop_name,
        redirect_wait=options.redirect_wait,
        delayed_after=options.delayed_after,
        retry_first_gap=options.retry_first_gap,
        retry_gap_cap=options.retry_gap_cap,
        limits=LIMITS[options.rate_limits],
        seed=options.seed,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m checkout.sandbox", description="A local Stripe-compatible server.")
    add = parser.add_argument
    add("--port", type=int, default=12111, help="on 127.0.0.1; 0 takes any free port")
    add("--state", type=Path, required=True, help="the SQLite file that keeps everything")
    add("--webhook-url", action="append", help="where events go; may be given several times")
    add("--webhook-secret", action="append", help="the whsec_… of the URL at the same position")
    add("--key", action="append", help="let only these sk_test_… keys in; without it any test key")
    add("--base-url", help="under which hosted pages are linked, if not http://127.0.0.1:PORT")
    add("--shop-name", default="Test shop", help="shown on pages whose session does not name the shop")
    add("--redirect-wait", type=float, default=10.0, help="seconds the redirect waits for the webhook's answer")
    add("--delayed-after", type=float, default=3.0, help="seconds until a bank debit succeeds or fails")
    add("--retry-first-gap", type=float, default=0.5, help="seconds before the second attempt; doubles each time")
    add("--retry-gap-cap", type=float, default=30.0, help="seconds between attempts at most")
    add("--rate-limits", choices=list(LIMITS), default="none", help="how many requests an account may make a second")
    add("--seed", type=int, help="makes the shuffled order of events repeatable")
    add("--ready-file", type=Path, help="written as JSON once the port answers")
    return parser


if __name__ == "__main__":
    sys.exit(main())
