"""Processes of their own for the tests: each is forked from one that has everything imported."""

from __future__ import annotations

from multiprocessing import get_context

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["biobank_desktop.services.intake", "tests.support.databases"])
