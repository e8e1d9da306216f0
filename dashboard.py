"""The dashboard: watches a bot's data folder and commands the bot through it. It holds no key and asks no venue.

    streamlit run dashboard.py [-- --data-dir DIR]
    python dashboard.py [--data-dir DIR] [--logs-dir DIR] [--port N] [--language ko|en]

`python dashboard.py` starts the page's server itself, on this machine only. HAETAE_DATA_DIR and HAETAE_LANGUAGE stand
in for options that are not given.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import streamlit as st
from streamlit import config as server
from streamlit.runtime.scriptrunner import get_script_run_ctx

from config.texts import Language
from ui import page
from ui.watch import Desk, Watch

PORT = 8501
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def wall_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dashboard.py", description="Haetae dashboard", allow_abbrev=False)
    parser.add_argument("--data-dir", type=Path, default=None, help="the bot's data folder (default: data)")
    parser.add_argument("--logs-dir", type=Path, default=None, help="the folder of trading_bot.log")
    parser.add_argument("--port", type=int, default=None, help=f"port on this machine (default: {PORT})")
    parser.add_argument("--language", choices=("ko", "en"), default=None, help="first language of the page")
    return parser


@st.cache_resource
def _watch(data_dir: str) -> Watch:
    """One look at a folder for all sessions."""
    return Watch(Path(data_dir), wall_ms)


def desk(given: argparse.Namespace) -> Desk:
    """What the page works with: the folder, the clock, whether the server listens on this machine only."""
    data_dir = given.data_dir or Path(os.environ.get("HAETAE_DATA_DIR") or "data")
    told = given.language or os.environ.get("HAETAE_LANGUAGE", "").strip().lower()
    language: Language | None = "en" if told == "en" else "ko" if told == "ko" else None
    guarded = server.get_option("server.address") in LOOPBACK
    return Desk(_watch(str(data_dir.absolute())), wall_ms, given.logs_dir, guarded, language)


def serve(given: argparse.Namespace) -> None:
    """Runs the page's server in this process until it is told to end."""
    from streamlit.web import cli

    passed = [f"--{name.replace('_', '-')}={value}" for name, value in vars(given).items() if value and name != "port"]
    settings = {
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableAgentApi": "false",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
    }
    if given.port is not None:
        settings["server.port"] = str(given.port)
    flags = [f"--{name}={value}" for name, value in settings.items()]
    cli.main(["run", str(Path(__file__).resolve()), *flags, "--", *passed], prog_name="streamlit")


if get_script_run_ctx(suppress_warning=True) is not None:
    # Under a test the arguments are those of the test runner: what is not ours is left alone.
    page.show(desk(options().parse_known_args(sys.argv[1:])[0]))
elif __name__ == "__main__":
    serve(options().parse_args())
