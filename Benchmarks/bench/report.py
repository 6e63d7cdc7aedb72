"""The table for people and results.json for programs."""

import datetime
import json
import os
import pathlib
import platform
import subprocess

from .machine import BENCHMARKS

FORMAT = "{:>3}  {:<38} {:<30} {:>12} {:>12} {:>8}  {:<14} {}"
SHOWN = []


def line(result):
    """Prints a row as soon as it is measured."""
    if not SHOWN:
        print(FORMAT.format("row", "work", "peer", "Portico", "peer", "ratio", "goal", "unit"))
    SHOWN.append(result)
    ratio = "" if result["ratio"] is None else f"{result['ratio']:.2f}"
    peer = "" if result["peer"] is None else f"{result['peer']:,.1f}"
    print(FORMAT.format(
        result["row"], result["name"], result["peer_name"], f"{result['ours']:,.1f}", peer, ratio, result["goal"],
        result["unit"]), flush=True)
    if "steps_ms" in result:
        steps = ", ".join(f"{name} {value:g}" for name, value in result["steps_ms"].items())
        p50, p99 = result["p50_ms"]["ours"], result["p99_ms"]["ours"]
        print(f"     p50 {p50:.1f} ms, p99 {p99:.1f} ms; mean ms: {steps}", flush=True)
    if "calls_per_guest" in result:
        print(
            f"     {result['calls_per_guest']:g} calls a guest, {result['peak_mb']:g} MB at most, "
            f"{result['portal_cpu_s']:g} s of processor time", flush=True)
    if "cpu_us" in result:
        ours, peer = result["cpu_us"]["ours"], result["cpu_us"]["peer"]
        times = f", {result['cpu_ratio']:.2f} times" if "cpu_ratio" in result else ""
        print(f"     processor time of the server for each: {ours:g} µs, {peer:g} µs{times}", flush=True)


def write(results, chosen):
    facts = {"machine": machine(), "seconds": chosen.seconds, "workers": chosen.workers, "rows": results}
    (BENCHMARKS / "results.json").write_text(json.dumps(facts, indent=2) + "\n")


def machine():
    return {
        "measured_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(), "processor": processor(), "memory_mb": memory_megabytes(),
        "kernel": platform.release(), "load_average": os.getloadavg()[0],
        "nginx": version("nginx", "-v"), "openssl": version("openssl", "version"), "wrk": version("wrk", "-v"),
    }


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def memory_megabytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def version(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().splitlines()[0]
