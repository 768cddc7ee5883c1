"""Quiet hours: the times at which pushes wait. Pure."""

from datetime import datetime, time, timedelta


def quiet_until(hours: str, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in, such as `22:00-06:00`; None outside of them.

    `hours` are read in the time zone of `now`, and may span midnight. Equal times mean the whole day.
    """
    if not hours:
        return None
    begin, end = (time.fromisoformat(each) for each in hours.split("-"))
    at = now.time().replace(tzinfo=None)
    spans_midnight = begin >= end
    is_quiet = (at >= begin or at < end) if spans_midnight else begin <= at < end
    if not is_quiet:
        return None
    last = now.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return last if at < end else last + timedelta(days=1)
