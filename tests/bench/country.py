"""A registry as large as a country makes it: 10 million filings, 20 million chained entries.

The journal is chained here, entry after entry, and copied in as text; what else stands in a
registry is made of it by PostgreSQL itself. `tests.bench.many_entries` takes an hour for as much,
because it makes every row in Python.

Receivers differ as they do in life: the busiest of 200 thousand has 22 thousand filings. Four
fifths of all filings were handed over in the last two years, four at a time.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from shared.db.session import Sessions
from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    Hold,
    JournalEntry,
    Kiosk,
    LogLine,
    Office,
    Presentation,
    Receiver,
    Staff,
)
from shared.domain import IdentityPaper, Role
from shared.names import compare_key
from shared.near_names import skeleton
from shared.passwords import hash_secret
from tests.bench.bulk import bulk_writer
from tests.builders import PIN, furniture
from verifier.registry.journal import GENESIS

OFFICES, WINDOWS = 89, 400
DAYS, OPEN_HOURS = 730, 8
BUNDLE = 4
"""Filings of one receiver that become ready together."""
HANDED_OVER = 0.8
REFUSED_EVERY = 5
"""Visits from one that begins with a refused sheet to the next."""
_DIGEST = "sha256(convert_to(body::jsonb->>'presentation', 'UTF8'))"
_KANA = "アイウエオカキクケコ"
_SPREAD, _RING = 2_654_435_761, 2**32
_LIGHT = (
    ("signed_in", '{"role":"clerk"}'),
    ("paused", "{}"),
    ("reopened", "{}"),
    ("busy", '{"fingerprint":"00112233aabbccdd","source":"scanner"}'),
)
TABLES = (Filing, Presentation, HandOver, HandOverItem, JournalEntry, LogLine, Hold)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a registry is."""

    filings: int
    receivers: int
    entries: int

    def __post_init__(self) -> None:
        assert self.entries >= 3 * self.visits, "each hand-over takes three entries"

    @property
    def name(self) -> str:
        """Of its database."""
        return f"country_{self.filings}_{self.receivers}_{self.entries}"

    @property
    def visits(self) -> int:
        """Hand-overs, each of one bundle."""
        return int(self.filings // BUNDLE * HANDED_OVER)

    @property
    def fraction(self) -> "Sizes":
        """A registry of one hundredth."""
        return Sizes(self.filings // 100, self.receivers // 100, self.entries // 100)


def receiver_of(bundle: int, receivers: int) -> int:
    """Whose a bundle is; the same as `_RECEIVER` in SQL."""
    share = bundle * _SPREAD % _RING / _RING
    return int(receivers * share * share) + 1


def window_of(bundle: int) -> str:
    """Where a bundle is handed over."""
    return f"K{bundle * 7919 % WINDOWS:03d}"


def office_of(window: str) -> str:
    """Which office a window belongs to."""
    return f"F{int(window[1:]) % OFFICES:02d}"


def fill(sessions: Sessions, sizes: Sizes) -> None:
    """Fill an empty registry at the newest revision."""
    first_day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first_day -= timedelta(days=DAYS)
    with sessions.begin() as session:
        session.add_all([*furniture(), *_offices()])
        session.flush()
        session.add_all([*_windows(first_day), *_clerks(first_day)])
        for start in range(1, sizes.receivers + 1, 20_000):
            some = range(start, min(start + 20_000, sizes.receivers + 1))
            session.execute(insert(Receiver), [_receiver(n, first_day) for n in some])
    with bulk_writer(sessions, TABLES), sessions.kw["bind"].connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        columns = "seq, prev, hash, at, act, kiosk_code, kiosk_seq, staff_number, body"
        with driver.cursor() as cursor, cursor.copy(f"COPY journal ({columns}) FROM STDIN") as copy:
            for lines in chained(sizes, first_day):
                copy.write(lines)
        driver.execute("SET work_mem = '512MB'")
        for statement in _derived(sizes):
            driver.execute(statement)
        connection.invalidate()


def _offices() -> list[Office]:
    return [Office(code=f"F{n:02d}", name=f"架空第{n}事務所") for n in range(OFFICES)]


def _windows(since: datetime) -> list[Kiosk]:
    codes = [f"K{n:03d}" for n in range(WINDOWS)]
    return [
        Kiosk(code=code, name=f"試験窓口{code}", office_code=office_of(code), enrolled_at=since)
        for code in codes
    ]


def _clerks(since: datetime) -> list[Staff]:
    pin = hash_secret(PIN, 4)
    return [
        Staff(
            number=f"C{n:03d}", name=f"試験　{n}子", role=Role.CLERK, pin_hash=pin, added_at=since
        )
        for n in range(WINDOWS)
    ]


def name_of(receiver: int) -> str:
    """Names that differ from their third letter on."""
    word = "".join(_KANA[int(digit)] for digit in f"{receiver * _SPREAD % 10**8:08d}")
    return f"架空{word}事務所"


def _receiver(n: int, since: datetime) -> dict[str, Any]:
    name = name_of(n)
    return {
        "id": n,
        "name": name,
        "compare_key": compare_key(name),
        "skeleton": skeleton(name),
        "password_hash": "-",
        "identity_paper": IdentityPaper.SCRIVENER_CARD,
        "registered_at": since,
        "credential_issued_at": since,
    }


def chained(sizes: Sizes, first_day: datetime) -> Iterator[str]:
    """The journal as lines of COPY, some thousand at a time."""
    chain = _Chain(first_day, sizes.entries)
    lines: list[str] = []
    for visit in range(sizes.visits):
        until = sizes.entries * (visit + 1) // sizes.visits
        window, receiver = window_of(visit), receiver_of(visit, sizes.receivers)
        shown = _shown(visit, receiver)
        if visit % REFUSED_EVERY == 0:
            lines.append(chain.line("presented", window, _refused(visit, receiver)))
        for turn in range(until - chain.seq - 2):
            lines.append(chain.line(*_light(visit + turn, window)))
        lines.append(chain.line("presented", window, shown))
        lines.append(chain.line("confirmed", window, _confirmed(visit, f"{window}-{visit:07d}")))
        if len(lines) > 5000:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


class _Chain:
    """Links one entry to the one before, evenly over the opening hours."""

    def __init__(self, first_day: datetime, entries: int) -> None:
        self.seq = 0
        self._prev = GENESIS
        self._kiosks: dict[str, int] = {}
        self._first_day = first_day
        self._pace = DAYS * OPEN_HOURS / entries

    def line(self, act: str, kiosk: str, body: str) -> str:
        """One entry, chained as `verifier.registry.journal.hash_of` chains it: written out here
        because encoding twenty million times takes four times as long.
        """
        self.seq += 1
        turn = self._kiosks[kiosk] = self._kiosks.get(kiosk, 0) + 1
        day, hour = divmod(self.seq * self._pace, OPEN_HOURS)
        at = (self._first_day + timedelta(days=day, hours=hour)).isoformat(timespec="microseconds")
        staff = f"C{kiosk[1:]}"
        quoted = body.replace('"', '\\"')
        said = (
            f'{{"act":"{act}","at":"{at}","body":"{quoted}","kiosk_code":"{kiosk}",'
            f'"kiosk_seq":{turn},"prev":"{self._prev}","seq":{self.seq},"staff_number":"{staff}"}}'
        )
        digest = hashlib.sha256(b"oss2d/v1/journal\0" + said.encode()).hexdigest()
        line = (
            f"{self.seq}\t{self._prev}\t{digest}\t{at}\t{act}\t{kiosk}\t{turn}\t{staff}\t{body}\n"
        )
        self._prev = digest
        return line


def _light(turn: int, window: str) -> tuple[str, str, str]:
    act, body = _LIGHT[turn % len(_LIGHT)]
    return act, window, body


def _id(kind: str, visit: int) -> str:
    """A UUID; drawn ones spread over an index as these do."""
    drawn = hashlib.md5(f"{kind} {visit}".encode(), usedforsecurity=False).hexdigest()
    return f"{drawn[:8]}-{drawn[8:12]}-{drawn[12:16]}-{drawn[16:20]}-{drawn[20:]}"


def _shown(visit: int, receiver: int) -> str:
    return (
        f'{{"accepted":true,"filing":null,"hand_over":"{_id("basket", visit)}",'
        f'"in_hand":{BUNDLE},"key_tail":"{visit % 10_000:04d}","ms":{280 + visit % 140},'
        f'"presentation":"{_id("sheet", visit)}","procedure":{procedure_of(visit)},'
        f'"purpose":"authentication","reasons":[],"receiver":{receiver},"source":"camera",'
        f'"typed_reason":null}}'
    )


def _refused(visit: int, receiver: int) -> str:
    return (
        f'{{"accepted":false,"filing":null,"hand_over":null,"in_hand":0,'
        f'"key_tail":"{visit % 10_000:04d}","ms":{280 + visit % 140},'
        f'"presentation":"{_id("refused", visit)}","procedure":{procedure_of(visit)},'
        f'"purpose":"authentication","reasons":["NG-PW"],"receiver":{receiver},"source":"scanner",'
        f'"typed_reason":null}}'
    )


def _confirmed(visit: int, receipt: str) -> str:
    first = visit * BUNDLE + 1
    numbers = ",".join(f'"26{n:014d}"' for n in range(first, first + BUNDLE))
    return (
        f'{{"checked":[],"hand_over":"{_id("basket", visit)}","held":[],'
        f'"presentation":"{_id("sheet", visit)}","receipt":"{receipt}","released":[{numbers}],'
        f'"returned":0,"taken":[]}}'
    )


def procedure_of(bundle: int) -> int:
    """Of its vehicles: four of five come for their inspection."""
    return 1 if bundle % 5 else 2


def _derived(sizes: Sizes) -> Iterator[str]:
    """What the journal says, in the other tables; in an order in which each finds what it needs."""
    yield f"""
        INSERT INTO presentations (id, at, kiosk_code, staff_number, source, purpose,
            procedure_code, receiver_id, key_tail, key_digest, fingerprint, accepted, reason,
            reasons, elapsed_ms)
        SELECT body::jsonb->>'presentation', at, kiosk_code, staff_number, body::jsonb->>'source',
            body::jsonb->>'purpose', (body::jsonb->>'procedure')::int,
            (body::jsonb->>'receiver')::int, body::jsonb->>'key_tail', encode({_DIGEST}, 'hex'),
            encode({_DIGEST}, 'hex'), (body::jsonb->>'accepted')::bool,
            body::jsonb->'reasons'->>0, coalesce(body::jsonb->'reasons'->>0, ''),
            (body::jsonb->>'ms')::int
        FROM journal WHERE act = 'presented'"""
    yield """
        INSERT INTO hand_overs (id, presentation_id, kiosk_code, staff_number, state, opened_at,
            closed_at, collector, receipt_number)
        SELECT body::jsonb->>'hand_over', body::jsonb->>'presentation', kiosk_code, staff_number,
            'confirmed', at, at, '見本　受取', body::jsonb->>'receipt'
        FROM journal WHERE act = 'confirmed'"""
    yield """
        INSERT INTO hand_over_items (id, hand_over_id, filing_id, state, settled_at)
        SELECT substr(number, 3)::bigint, body::jsonb->>'hand_over', substr(number, 3)::bigint,
            'released', at
        FROM journal, jsonb_array_elements_text(body::jsonb->'released') AS number
        WHERE act = 'confirmed'"""
    yield """
        INSERT INTO log_lines (seq, at, act, kiosk_code, staff_number, source, purpose,
            procedure_code, accepted, reason, receiver_id, presentation_id, items)
        SELECT journal.seq, journal.at, journal.act, journal.kiosk_code, journal.staff_number,
            coalesce(p.source, CASE journal.act WHEN 'busy' THEN 'scanner' END), p.purpose,
            p.procedure_code, CASE journal.act WHEN 'presented' THEN p.accepted END,
            CASE journal.act WHEN 'presented' THEN p.reason END, p.receiver_id, p.id,
            CASE WHEN p.accepted THEN 4 ELSE 0 END
        FROM journal LEFT JOIN presentations AS p
            ON journal.act IN ('presented', 'confirmed')
            AND p.id = CASE WHEN journal.act IN ('presented', 'confirmed')
                THEN body::jsonb->>'presentation' END"""
    yield _filings(sizes)
    yield """
        INSERT INTO holds (filing_id, hand_over_id, reason, staff_number, placed_at)
        SELECT id, (SELECT id FROM hand_overs LIMIT 1), 'not_found', 'C000', updated_at
        FROM filings WHERE status = 'ready' AND id % 500 = 0"""
    yield """
        UPDATE kiosks SET entries = told.entries
        FROM (SELECT kiosk_code, max(kiosk_seq) AS entries FROM journal GROUP BY 1) AS told
        WHERE code = told.kiosk_code"""
    for table in ("filings", "hand_over_items", "receivers"):
        yield f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"


_RECEIVER = f"""
    floor({{receivers}}::float8 * ((bundle * {_SPREAD} % {_RING})::float8 / {_RING})
        * ((bundle * {_SPREAD} % {_RING})::float8 / {_RING}))::int + 1"""


def _filings(sizes: Sizes) -> str:
    latest = math.ceil(sizes.filings / 14)  # what came in within the last two weeks is not ready
    return f"""
        INSERT INTO filings (id, number, procedure_code, office_code, receiver_name, receiver_key,
            status, pickup_method, plate, chassis, plate_tail, chassis_tail, tax_confirmed,
            inquiry_failures, received_at, updated_at)
        SELECT n, '26' || lpad(n::text, 14, '0'), CASE WHEN bundle % 5 = 0 THEN 2 ELSE 1 END,
            'F' || lpad((bundle * 7919 % {WINDOWS} % {OFFICES})::text, 2, '0'), name, compare_key,
            CASE WHEN bundle < {sizes.visits} THEN 'released'
                ELSE (ARRAY['ready', 'ready', 'ready', 'ready', 'ready', 'accepted', 'examining',
                    'correction', 'payment', 'examining'])[bundle % 10 + 1] END,
            'authentication',
            '架空 58' || n % 10 || ' あ ' || lpad((n / 100 % 100)::text, 2, '0') || '-'
                || lpad((n % 100)::text, 2, '0'),
            'KAKU-' || lpad(n::text, 8, '0'), lpad((n % 10000)::text, 4, '0'),
            lpad((n % 10000)::text, 4, '0'), n % 50 <> 0, 0,
            coalesce(settled_at, now()) - interval '5 days',
            coalesce(settled_at, now() - interval '14 days' * (n % {latest}) / {latest})
        FROM (
            SELECT n, (n - 1) / {BUNDLE} AS bundle
            FROM generate_series(1, {sizes.filings}::bigint) AS n
        ) AS drawn
        JOIN receivers ON receivers.id = {_RECEIVER.format(receivers=sizes.receivers)}
        LEFT JOIN hand_over_items ON filing_id = n
        ORDER BY n"""
