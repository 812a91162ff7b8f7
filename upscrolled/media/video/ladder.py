"""Which qualities a video gets, and what ffmpeg is told for them. Arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from upscrolled.media.video.facts import Picture, Sound
from upscrolled.media.video.frames import Shape
from upscrolled.media.video.limits import Limits

_SHORT_SIDES = (720, 480, 360)
_APART = Fraction(4, 5)  # a quality is worth having below this much of the next larger one
_LONG = Fraction(8, 3)  # the longer side is at most so many times the one that a quality is named for
_BITS, _PIXELS = 2_800_000, 1280 * 720  # the most bits a second that so many pixels may take
_RATE_MIN = Fraction(10)
_MATRICES = {
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "bt709": "bt709",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}

# Loudness is measured when the file is looked at, and turned by one amount here: what was soft beside what was loud
# stays so. Peaks that this lifts too high are bent down. ffmpeg's `loudnorm` would follow the sound as it comes, at
# several times the cost, and makes numbers that are none of silence.
_LUFS, _PEAK, _TURN_MAX, _SILENT = -16.0, 0.84, 20.0, -69.0


@dataclass(frozen=True, slots=True)
class Step:
    """One quality: even sides, and the most bits a second that its picture may take."""

    width: int
    height: int
    bits: int

    @property
    def name(self) -> str:
        return str(min(self.width, self.height))


def steps(picture: Picture, rate: Fraction) -> list[Step]:
    """Return the qualities, the largest first; none is larger than the video itself."""
    long = max(picture.width, picture.height)
    scales: list[Fraction] = []
    for side in _SHORT_SIDES:
        scale = min(Fraction(side, picture.short), side * _LONG / long, Fraction(1))
        if not scales or scale <= scales[-1] * _APART:
            scales.append(scale)
    return [_step(picture, scale, rate) for scale in scales]


def _step(picture: Picture, scale: Fraction, rate: Fraction) -> Step:
    width, height = (max(2, int(each * scale) // 2 * 2) for each in (picture.width, picture.height))
    bits = _BITS * (width * height / _PIXELS) ** 0.85 * (1.5 if rate > 30 else 1.0)
    return Step(width, height, max(100_000, round(bits)))


def even_rate(picture: Picture, limits: Limits) -> Fraction:
    """Return the frames a second to make: an even part of what there is, at most the cap."""
    rate, cap = picture.fps, Fraction(limits.frame_rate_out)
    if rate > cap:
        # Every second or third frame of a steady video; of one that jumps about, as many as are allowed.
        rate = cap if picture.varies or rate > limits.frame_rate_max else rate / -(-rate // cap)
    return max(rate, _RATE_MIN)


def graph(picture: Picture, sound: Sound | None, made: list[Step], rate: Fraction, shape: Shape) -> str:
    """Return the filter graph: the picture is decoded once, each size is drawn from the next larger one.

    Its ends are [v0], [v1] …, [frames] for the hashes, and [sound] if there is any.
    """
    top, last = made[0], len(made) - 1
    parts = [f"[0:V:0]{upright(picture, rate, top.width, top.height)},split=2[s0][h]"]
    for number, step in enumerate(made):
        size = f"scale={step.width}:{step.height}:flags=bicubic,setsar=1," if number else ""
        fork = f"split=2[v{number}][s{number + 1}]" if number < last else f"null[v{number}]"
        parts.append(f"[s{number}]{size}{fork}")
    parts.append(f"[h]{shape.filters}[frames]")
    if sound is not None:
        parts.append(f"[0:a:0]{levelled(sound)}[sound]")
    return ";".join(parts)


def upright(picture: Picture, rate: Fraction, width: int, height: int) -> str:
    """Return the filters that give even frames of this size, eight bits, in the colours of BT.709."""
    filters = ["bwdif=mode=send_frame:deint=interlaced"] if picture.interlaced else []
    filters.append(f"fps={rate.numerator}/{rate.denominator}:start_time=0")
    size = f"scale={width}:{height}:flags=bicubic"
    if picture.hdr:
        filters += [
            size,
            f"zscale=tin={picture.hdr}:pin=bt2020:min=bt2020nc:t=linear:npl=100,format=gbrpf32le",
            "zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv",
        ]
    else:
        # A video that does not say its matrix has the one that its size suggests.
        matrix = _MATRICES.get(picture.matrix, "bt709" if picture.short >= 720 else "bt601")
        filters.append(f"{size}:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv")
    filters += ["format=yuv420p", "setsar=1"]
    filters.append("setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709")
    return ",".join(filters)


def channels(sound: Sound) -> str:
    """Return what the sound will have: two channels, or the one that it has."""
    return "mono" if sound.channels == "mono" else "stereo"


def sound_bits(sound: Sound) -> int:
    """Return the bits a second that the sound gets."""
    return 64_000 if channels(sound) == "mono" else 128_000


def gain(sound: Sound) -> float:
    """Return by how many decibels the sound is turned up, or down; silence is left alone."""
    if sound.loudness <= _SILENT:
        return 0.0
    return max(-_TURN_MAX, min(_TURN_MAX, _LUFS - sound.loudness))


def levelled(sound: Sound) -> str:
    """Return the filters that give even loudness, 48,000 samples a second, and silence where there are gaps."""
    return (
        f"aresample=48000:async=1:first_pts=0:ochl={channels(sound)},"
        f"volume={gain(sound):.1f}dB,alimiter=limit={_PEAK}:level=disabled"
    )


def encoding(made: list[Step], sound: Sound | None, limits: Limits) -> list[str]:
    """Return the options of the encoders: key frames at the same moments in each quality, and only there."""
    options = [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-profile:v",
        "high",
        "-threads",
        str(limits.threads),
    ]
    options += [
        "-force_key_frames",
        f"expr:gte(t,n_forced*{limits.segment_seconds})",
        "-g",
        "1000",
        "-sc_threshold",
        "0",
    ]
    for number, step in enumerate(made):
        options += [f"-crf:v:{number}", "23", f"-maxrate:v:{number}", str(step.bits)]
        options += [f"-bufsize:v:{number}", str(2 * step.bits)]
    return [*options, *(("-c:a", "aac", "-b:a", str(sound_bits(sound))) if sound else ())]


# Nothing of the source but pixels and samples, nothing of the tools: the encoder's note in the stream too (SEI).
PLAIN = (
    *("-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-dn", "-sn"),
    *("-fflags", "+bitexact", "-flags", "+global_header+bitexact", "-metadata:s", "encoder="),
)
STRIPPED = ("-bsf:v", "filter_units=remove_types=6")
