"""All tables and columns: one SQL script for each version of the database. Append a script; never change an old one."""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE events (
        id        INTEGER PRIMARY KEY,
        sid_key   TEXT UNIQUE,
        token_key TEXT UNIQUE,
        thing     TEXT NOT NULL,
        received  REAL NOT NULL,           -- seconds since 1970
        lifetime  REAL NOT NULL,           -- seconds for which the trigger is worth firing
        urgent    INTEGER NOT NULL,
        states    TEXT NOT NULL,           -- JSON: [[channel id, state], ...]
        channel   TEXT NOT NULL,
        payload   TEXT NOT NULL,
        answer    TEXT,
        openhab   INTEGER NOT NULL DEFAULT 0,   -- 1 = delivered, 2 = not to be delivered
        mqtt      INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX events_openhab ON events (urgent, id) WHERE openhab = 0;
    CREATE INDEX events_mqtt ON events (urgent, id) WHERE mqtt = 0;
    CREATE TABLE states (channel TEXT PRIMARY KEY, state TEXT NOT NULL);
    CREATE TABLE listeners (thing TEXT PRIMARY KEY);
    CREATE TABLE requests (
        id       TEXT PRIMARY KEY,
        thing    TEXT NOT NULL,
        action   TEXT NOT NULL,
        args     TEXT NOT NULL,            -- JSON
        reply_to TEXT NOT NULL,
        deadline REAL NOT NULL,
        stored   REAL NOT NULL,
        reply    TEXT                      -- JSON; NULL while the request is open
    );
    CREATE INDEX requests_open ON requests (stored) WHERE reply IS NULL;
    CREATE TABLE parts (
        request  TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
        number   INTEGER NOT NULL,
        recipient TEXT NOT NULL,
        asked    REAL NOT NULL DEFAULT 0,
        sid      TEXT,
        outcome  TEXT,                     -- JSON; NULL while unknown
        PRIMARY KEY (request, number)
    ) WITHOUT ROWID;
    CREATE INDEX parts_sid ON parts (sid) WHERE sid IS NOT NULL;
    """,
    """
    CREATE TABLE number_webhooks (
        number     TEXT PRIMARY KEY,            -- SID
        before     TEXT NOT NULL,               -- JSON: settings as they were before us
        wrote      TEXT NOT NULL,               -- JSON: settings as we wrote them
        confirmed  INTEGER NOT NULL DEFAULT 0,  -- 1 = Twilio had them so afterwards
        left_alone INTEGER NOT NULL DEFAULT 0   -- 1 = put back on request, not to be written
    );
    """,
    """
    CREATE TABLE sends (
        request   TEXT NOT NULL,
        part      INTEGER NOT NULL,
        account   TEXT NOT NULL,
        phone     TEXT NOT NULL,
        recipient TEXT NOT NULL,
        kind      TEXT NOT NULL,                -- message, call or emergency
        at        REAL NOT NULL,                -- seconds since 1970
        PRIMARY KEY (request, part)
    ) WITHOUT ROWID;
    CREATE INDEX sends_account ON sends (account, kind, at);
    CREATE INDEX sends_recipient ON sends (phone, recipient, kind, at);
    CREATE INDEX sends_at ON sends (at);
    CREATE TABLE opt_outs (
        sender    TEXT NOT NULL,                -- our number, with prefix
        recipient TEXT NOT NULL,
        at        REAL NOT NULL,
        by_stop   INTEGER NOT NULL,             -- 1 = we read their STOP, 0 = Twilio told us
        PRIMARY KEY (sender, recipient)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE media (
        id           INTEGER PRIMARY KEY,
        uuid         TEXT NOT NULL UNIQUE,   -- the secret of the URL
        request      TEXT UNIQUE,            -- id of the request that made it
        source       TEXT NOT NULL,          -- where it is fetched from; empty for an item's picture
        created      REAL NOT NULL,          -- seconds since 1970
        expires      REAL NOT NULL,
        content_type TEXT NOT NULL DEFAULT '',
        size         INTEGER,                -- bytes; NULL while there are none
        file         TEXT                    -- name of the file with them
    );
    """,
    """
    ALTER TABLE parts ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;  -- how often Twilio was asked what became of it
    """,
    """
    ALTER TABLE listeners RENAME TO listening_phones;
    CREATE TABLE listeners (channel TEXT PRIMARY KEY);  -- whose events are answered by a rule
    INSERT INTO listeners SELECT thing || ':call-received' FROM listening_phones;
    INSERT INTO listeners SELECT thing || ':dtmf-received' FROM listening_phones;
    DROP TABLE listening_phones;
    """,
    """
    CREATE TABLE calls (
        thing    TEXT NOT NULL,
        sid      TEXT NOT NULL,
        began    INTEGER NOT NULL,    -- id of the event with which it became the newest call
        incoming INTEGER NOT NULL,    -- 1 = it has rung at our phone
        status   TEXT NOT NULL,       -- the furthest one that is known
        heard    REAL NOT NULL,       -- seconds since 1970
        PRIMARY KEY (thing, sid)
    ) WITHOUT ROWID;
    CREATE INDEX calls_began ON calls (thing, began);
    """,
    """
    ALTER TABLE media ADD COLUMN asked TEXT NOT NULL DEFAULT '';  -- digest of what the request asked for, and who did
    UPDATE media SET request = NULL;                              -- of older ones nobody knows that
    """,
    """
    CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL);  -- written to see that it can be
    """,
    """
    CREATE TABLE seen (
        id   INTEGER PRIMARY KEY,
        key  TEXT NOT NULL UNIQUE,          -- of a webhook, or of its signature
        form TEXT NOT NULL DEFAULT '',      -- digest of how it was read
        at   REAL NOT NULL                  -- seconds since 1970
    );
    INSERT INTO seen (key, at) SELECT sid_key, received FROM events WHERE sid_key IS NOT NULL;
    """,
    """
    CREATE INDEX events_done ON events (received) WHERE openhab != 0 AND mqtt != 0;  -- these serve to forget in time
    CREATE INDEX events_limited ON events (id) WHERE openhab = 2;
    CREATE INDEX events_answered ON events (received) WHERE answer IS NOT NULL;
    CREATE INDEX calls_heard ON calls (heard);
    CREATE INDEX requests_closed ON requests (stored) WHERE reply IS NOT NULL;
    CREATE INDEX media_expires ON media (expires);
    """,
    """
    CREATE INDEX events_set_aside_openhab ON events (id) WHERE openhab = 3;  -- these serve to count them
    CREATE INDEX events_set_aside_mqtt ON events (id) WHERE mqtt = 3;
    """,
    """
    CREATE TABLE alarm_records (
        id    INTEGER PRIMARY KEY,
        run   TEXT NOT NULL,
        alarm TEXT NOT NULL,                -- thing UID
        kind  TEXT NOT NULL,                -- started, step, outcome, acknowledged, exhausted or ended
        at    REAL NOT NULL,                -- seconds since 1970
        body  TEXT NOT NULL                 -- JSON
    );
    CREATE INDEX alarm_records_run ON alarm_records (run, id);
    CREATE INDEX alarm_records_started ON alarm_records (at) WHERE kind = 'started';
    CREATE INDEX alarm_records_ended ON alarm_records (run) WHERE kind = 'ended';
    """,
    """
    CREATE TABLE tallies (
        hour INTEGER NOT NULL,        -- since 1970 in local time
        what TEXT NOT NULL,
        n    INTEGER NOT NULL,
        PRIMARY KEY (hour, what)
    ) WITHOUT ROWID;
    INSERT INTO tallies SELECT CAST(strftime('%s', received, 'unixepoch', 'localtime') AS INTEGER) / 3600 AS hour,
        CASE channel WHEN 'call-received' THEN 'calls_in' ELSE 'texts_in' END AS what, count(*) FROM events
        WHERE channel IN ('sms-received', 'whatsapp-received', 'call-received') GROUP BY 1, 2;
    """,
    """
    CREATE TABLE counters (channel TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE events ADD COLUMN peer TEXT AS (  -- who wrote or called
        CASE WHEN channel IN ('sms-received', 'whatsapp-received', 'call-received') AND json_valid(payload)
        THEN json_extract(payload, '$.from') END);
    ALTER TABLE events ADD COLUMN sid TEXT AS (   -- of the message or call
        CASE WHEN json_valid(payload)
        THEN coalesce(json_extract(payload, '$.messageSid'), json_extract(payload, '$.callSid')) END);
    CREATE INDEX events_peer ON events (peer, id) WHERE peer IS NOT NULL;
    CREATE INDEX events_sid ON events (sid, id) WHERE sid IS NOT NULL;
    CREATE INDEX events_calls ON events (id) WHERE channel = 'call-received';
    ALTER TABLE parts ADD COLUMN stored REAL NOT NULL DEFAULT 0;  -- when its request was
    UPDATE parts SET stored = (SELECT stored FROM requests WHERE id = request);
    CREATE INDEX parts_recipient ON parts (recipient, stored);
    CREATE INDEX requests_calls ON requests (stored) WHERE action IN ('makeCall', 'makeTTSCall', 'alarmCall');
    CREATE INDEX requests_stored ON requests (stored);
    CREATE TABLE answers (
        event   INTEGER PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
        by      TEXT NOT NULL,         -- rule, default, deadline, ...
        seconds REAL NOT NULL,
        twiml   TEXT NOT NULL
    );
    CREATE TABLE peers (
        id     INTEGER PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,
        thing  TEXT NOT NULL,          -- the phone that had to do with it last
        last   REAL NOT NULL           -- seconds since 1970
    );
    CREATE INDEX peers_last ON peers (last, id);
    INSERT INTO peers (number, thing, last) SELECT peer, thing, max(received) FROM events WHERE peer != '' GROUP BY peer;
    INSERT INTO peers (number, thing, last) SELECT recipient, thing, max(requests.stored) FROM parts
        JOIN requests ON requests.id = parts.request WHERE true GROUP BY recipient
        ON CONFLICT (number) DO UPDATE SET last = excluded.last, thing = excluded.thing WHERE excluded.last > last;
    """,
    """
    DROP INDEX requests_calls;
    CREATE INDEX requests_calls ON requests (stored) WHERE action IN ('makeCall', 'makeTTSCall', 'alarmCall', 'contactCall');
    CREATE TABLE contact_sends (
        number  INTEGER PRIMARY KEY,
        id      TEXT NOT NULL UNIQUE,       -- of the request
        contact TEXT NOT NULL,              -- thing UID
        is_text INTEGER NOT NULL,
        body    TEXT NOT NULL,              -- JSON
        at      REAL NOT NULL,              -- seconds since 1970
        due     REAL NOT NULL,              -- when it goes out
        status  TEXT NOT NULL
    );
    CREATE INDEX contact_sends_waiting ON contact_sends (number) WHERE status = 'waiting';
    CREATE INDEX contact_sends_contact ON contact_sends (contact, number) WHERE is_text;
    CREATE INDEX contact_sends_at ON contact_sends (at);
    CREATE TABLE questions (
        number  INTEGER PRIMARY KEY,
        id      TEXT NOT NULL UNIQUE,       -- of the request
        contact TEXT NOT NULL,
        body    TEXT NOT NULL,              -- JSON
        due     REAL NOT NULL,              -- when the default is taken
        answer  TEXT
    );
    CREATE INDEX questions_open ON questions (number) WHERE answer IS NULL;
    """,
    """
    CREATE TABLE set_asides (
        event  INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
        lane   TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (event, lane)
    ) WITHOUT ROWID;
    CREATE INDEX requests_failed ON requests (stored) WHERE instr(reply, '"ok":false');
    """,
    """
    CREATE TABLE item_commands (
        number  INTEGER PRIMARY KEY,
        at      REAL NOT NULL,              -- seconds since 1970
        contact TEXT NOT NULL,              -- thing UID
        phone   TEXT NOT NULL,              -- thing UID
        way     TEXT NOT NULL,
        item    TEXT NOT NULL,
        command TEXT NOT NULL,
        result  TEXT NOT NULL,
        before  TEXT NOT NULL,              -- JSON, the states by item
        waits   INTEGER NOT NULL DEFAULT 0  -- 1: the contact is told when openHAB is back, 2: and it is done then
    );
    CREATE INDEX item_commands_contact ON item_commands (contact, number);
    CREATE INDEX item_commands_waiting ON item_commands (number) WHERE waits > 0;
    CREATE INDEX item_commands_at ON item_commands (at);
    """,
    """
    CREATE INDEX questions_answered ON questions (due) WHERE answer IS NOT NULL;
    """,
    """
    CREATE TABLE asked_back (
        contact TEXT PRIMARY KEY,           -- thing UID
        until   REAL NOT NULL,              -- when it is too late for an answer
        body    TEXT NOT NULL               -- JSON
    ) WITHOUT ROWID;
    CREATE INDEX asked_back_until ON asked_back (until);
    """,
    """
    CREATE TABLE ended_sessions (  -- of the console: their cookies are good no more
        id    TEXT PRIMARY KEY,
        until REAL NOT NULL       -- seconds since 1970: when the cookie ends by itself
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE item_commands ADD COLUMN origin TEXT NOT NULL DEFAULT '';  -- of a PIN: the text or keys that it came in
    """,
)
