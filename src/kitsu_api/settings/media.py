"""What is made of pictures and movies."""

from __future__ import annotations

from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


class Media(BaseSettings):
    """What is made of pictures and movies."""

    movie_highdef_bitrate: int = setting(
        "movie_highdef_bitrate",
        "MOVIE_HIGHDEF_BITRATE",
        default=28,
        about="Mbit/s of high definition movies.",
    )
    movie_lowdef_bitrate: int = setting(
        "movie_lowdef_bitrate", "MOVIE_LOWDEF_BITRATE", default=6, about="Mbit/s of low definition movies."
    )
    skip_normalization: bool = setting(
        "skip_normalization_full",
        "SKIP_NORMALIZATION_FULL",
        default=False,
        about="Keep movies as they are uploaded.",
    )
    skip_normalization_high: bool = setting(
        "skip_normalization_highdef",
        "SKIP_NORMALIZATION_HIGHDEF",
        default=False,
        about="Keep movies as they are uploaded, beside the low definition that is made of them.",
    )
    preview_save_source_file: bool = setting(
        "preview_save_source_file",
        "PREVIEW_SAVE_SOURCE_FILE",
        default=False,
        about="Keep the uploaded movie beside those that are made of it.",
    )
    movie_encoding_preset: str = setting(
        "movie_encoding_preset",
        "MOVIE_ENCODING_PRESET",
        default="veryfast",
        about="Preset of x264: faster ones make larger movies.",
    )
    movie_vbv_bufsize_factor: float = setting(
        "movie_vbv_bufsize_factor",
        "MOVIE_VBV_BUFSIZE_FACTOR",
        default=2.0,
        about="How far movies may swing above their bit rate: the decoder's buffer in seconds of it.",
    )
    media_requests: int = setting(
        "media_max_concurrent_requests",
        "MEDIA_MAX_CONCURRENT_REQUESTS",
        default=0,
        ge=0,
        about="Requests that may work on pictures and movies at once, in each process; 0: any number.",
    )
    media_wait: float = setting(
        "media_slot_wait_timeout",
        "MEDIA_SLOT_WAIT_TIMEOUT",
        default=10.0,
        about="Seconds that such a request waits for its turn before a 503.",
    )
    preview_recheck_delay: int = setting(
        "preview_missing_file_recheck_delay",
        "PREVIEW_MISSING_FILE_RECHECK_DELAY",
        default=300,
        ge=0,
        about="Seconds that a file of a preview which isn't in storage isn't looked for again.",
    )
    max_image_pixels: int = setting(
        "max_image_pixels",
        "MAX_IMAGE_PIXELS",
        default=268_435_456,
        ge=1,
        about="Pixels that a picture may have.",
    )
