"""Exit codes, those above 64 after sysexits.h. A unit starts again after TRY_AGAIN, and not after WRONG_SETTING."""

from __future__ import annotations

from bot.application.negotiations import Unopenable
from bot.runtime.settings import Occupied, SettingsError
from bot.storage import Damaged, Refused, StoreBusy, StoreUnavailable, Tampered, WrongKey
from bot.storage.process_lock import DatabaseInUse

CHECK_FAILED, MISTAKE, TRY_AGAIN, WRONG_SETTING = 1, 2, 75, 78
CODES: dict[type[Exception], int] = {
    Occupied: TRY_AGAIN,
    SettingsError: WRONG_SETTING,
    WrongKey: WRONG_SETTING,
    Refused: WRONG_SETTING,
    StoreBusy: TRY_AGAIN,
    StoreUnavailable: TRY_AGAIN,
    DatabaseInUse: TRY_AGAIN,
    Damaged: CHECK_FAILED,
    Tampered: CHECK_FAILED,
    Unopenable: CHECK_FAILED,
}
