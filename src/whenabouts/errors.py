"""One tree of errors. Each says what is wrong, the value seen and the next step.

WhenaboutsError
├── DataError           a dataset folder is incomplete or a file of it is damaged
├── InputError          a value given by the caller is not usable (query, option, time)
├── MediaError          a file cannot be read as video, image or audio
├── MissingPartError    an optional part (extra, weights, model) is not installed or not present
├── SettingsError       a recipe or settings file has an unknown key or a wrong value
├── StoreError          the library on disk cannot be used
│   ├── LockedError     another process is writing to the library
│   └── VersionError    the library was written by another format, encoder or program version
└── WeightsError        a checkpoint does not fit: unknown key, wrong shape, damaged file

Raised where the cause is known, caught only in `app` (exit code 2, HTTP problem JSON).
Indexing alone collects them, one reason a file, and goes on.
"""


class WhenaboutsError(Exception):
    """Base of every error that this package raises on purpose."""


class DataError(WhenaboutsError):
    """A dataset folder is incomplete or a file of it is damaged."""


class InputError(WhenaboutsError):
    """A value given by the caller is not usable."""


class MediaError(WhenaboutsError):
    """A file cannot be read as video, image or audio."""


class MissingPartError(WhenaboutsError):
    """An optional part is not installed or not present; the message names the command to add it."""


class SettingsError(WhenaboutsError):
    """A recipe or settings file has an unknown key or a wrong value."""


class StoreError(WhenaboutsError):
    """The library on disk cannot be used."""


class LockedError(StoreError):
    """Another process is writing to the library."""


class VersionError(StoreError):
    """The library was written by another format, encoder or program version."""


class WeightsError(WhenaboutsError):
    """A checkpoint does not fit the network it is loaded into."""
