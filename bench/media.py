"""Compares the making of both versions of a movie with the ffmpeg command line: same encoders, same options.

Rounds are interleaved, so that whatever else the machine does hits both. Beside the time that passed it says
the time of the processor, which other programs on the machine hardly change. Run it with `make bench-media`.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from kitsu_api.media.encoding import HIGH_QUALITY, LOW_QUALITY, MBIT, Quality
from kitsu_api.media.movies import LOW_WIDTH, MovieWish, normalise

RATE = Fraction(24)
# times of ours by times of the command line's
ALLOWED = 1.1


def make_source(program: str, path: Path, seconds: int) -> None:
    """A moving test picture with noise and a tone, as ProRes, as an editor would hand it over."""
    picture = f"testsrc2=size=1920x1080:rate={RATE}:duration={seconds},noise=alls=12:allf=t"
    tone = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    command = [program, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    command += ["-c:v", "prores_ks", "-profile:v", "2", "-c:a", "pcm_s16le", str(path)]
    subprocess.run(command, check=True)


def by_command_line(program: str, source: Path, folder: Path, wish: MovieWish) -> None:
    """Both versions in one run of ffmpeg, so that it decodes once as well."""
    command = [program, "-v", "error", "-y", "-i", str(source)]
    for name, filters, bitrate, factor in (
        ("high", "format=yuv420p", wish.high_bitrate, HIGH_QUALITY),
        ("low", f"scale={LOW_WIDTH}:-2:flags=bicubic,format=yuv420p", wish.low_bitrate, LOW_QUALITY),
    ):
        quality = Quality(bitrate * MBIT, factor, wish.preset, wish.vbv_factor)
        command += ["-map", "0:v:0", "-map", "0:a:0", "-vf", filters, "-c:v", "libx264"]
        for option, value in quality.options(RATE).items():
            command += [f"-{option}", value]
        command += [
            "-c:a",
            "aac",
            "-ac",
            "2",
            "-b:a",
            "192k",
            "-movflags",
            "+faststart",
            str(folder / f"{name}.mp4"),
        ]
    subprocess.run(command, check=True)


@dataclass(frozen=True)
class Taken:
    """Seconds that passed, and seconds of the processor."""

    passed: float
    worked: float

    def __str__(self) -> str:
        return f"{self.passed:.2f} s ({self.worked:.2f} s of the processor)"


def taken(work: Callable[[], object]) -> Taken:
    """What a piece of work takes, in this process and in those that it starts and waits for."""
    began, before = time.perf_counter(), _processor()
    work()
    return Taken(time.perf_counter() - began, _processor() - before)


def _processor() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def main() -> int:
    """Run the rounds; the exit code is 1 when ours took more than 1.1 times as long by both measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", default="medium")
    parser.add_argument("--ffmpeg", help="the program to compare with; without it the one of imageio-ffmpeg")
    arguments = parser.parse_args()
    program = arguments.ffmpeg or get_ffmpeg_exe()
    wish = MovieWish(preset=arguments.preset)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.mov"
        make_source(program, source, arguments.seconds)
        rounds = []
        for number in range(arguments.rounds):
            theirs = taken(lambda: by_command_line(program, source, folder, wish))
            ours = taken(lambda: normalise(source, folder / "our-high.mp4", folder / "our-low.mp4", wish))
            rounds.append((ours, theirs))
            print(f"round {number + 1}: ffmpeg {theirs}, ours {ours}", flush=True)
        sizes = {path.name: path.stat().st_size // 1024 for path in sorted(folder.glob("*.mp4"))}
    passed = statistics.median(ours.passed / theirs.passed for ours, theirs in rounds)
    worked = statistics.median(ours.worked / theirs.worked for ours, theirs in rounds)
    print(f"medians of the ratios: {passed:.3f} of the time, {worked:.3f} of the processor's time")
    print(f"at most {ALLOWED} wanted; KiB written: {sizes}")
    return int(min(passed, worked) > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
