"""Compares the making of both versions of a movie with the ffmpeg command line: same encoders, same options.

Rounds are interleaved, so that whatever else the machine does hits both. Without ffmpeg it says so and stops.
Run it with `make bench-media`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

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


def main() -> int:
    """Run the rounds; the exit code is 1 when ours took more than 1.1 times as long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", default="medium")
    arguments = parser.parse_args()
    program = shutil.which("ffmpeg")
    if program is None:
        print("skipped: there is no ffmpeg to compare with (Debian: apt-get install ffmpeg)")
        return 0
    wish = MovieWish(preset=arguments.preset)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.mov"
        make_source(program, source, arguments.seconds)
        ours, theirs = [], []
        for number in range(arguments.rounds):
            begin = time.perf_counter()
            by_command_line(program, source, folder, wish)
            middle = time.perf_counter()
            normalise(source, folder / "our-high.mp4", folder / "our-low.mp4", wish)
            end = time.perf_counter()
            theirs.append(middle - begin)
            ours.append(end - middle)
            print(f"round {number + 1}: ffmpeg {theirs[-1]:.2f} s, ours {ours[-1]:.2f} s")
        sizes = {path.name: path.stat().st_size // 1024 for path in sorted(folder.glob("*.mp4"))}
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(f"median of the ratios: {ratio:.3f} (at most {ALLOWED} wanted); KiB written: {sizes}")
    return int(ratio > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
