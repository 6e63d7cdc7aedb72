/// The schema's history, oldest first. A released step is never changed; a new one is appended.
///
/// Both engines support `BIGINT`, `TEXT` and `BYTEA` (SQLite stores bytes unchanged in a column of any type).
enum Schema {
    static let migrations = [
        Migration(version: 1, name: "the venues: integrations, instances, sites", statements: venues),
        Migration(version: 2, name: "the guests: coupons, sessions, orders", statements: guests),
        Migration(version: 3, name: "the tokens of the control API", statements: tokens),
        Migration(version: 4, name: "the sign-ins: answers taken, hand-overs", statements: signIns),
        Migration(version: 5, name: "the schedules that make coupons", statements: schedules),
        Migration(version: 6, name: "the notices: notification groups, outbox", statements: notices),
        Migration(version: 7, name: "the walled gardens", statements: gardens),
        Migration(version: 8, name: "the themes' images; ways to a site's users", statements: images + users),
        Migration(version: 9, name: "the audit log, and answers kept for repetition", statements: audit),
        Migration(version: 10, name: "the moves of sessions between MAC addresses", statements: moves),
        Migration(
            version: 11, name: "a way to old coupons",
            statements: ["CREATE INDEX coupons_by_end ON coupons (expires_at)"]),
        Migration(version: 12, name: "where a venue tells of itself; who was where", statements: venueInfo + places),
        Migration(version: 13, name: "the session that a renewal replaces", statements: renewals),
        Migration(version: 14, name: "what the portal writes to check itself", statements: selfChecks),
        Migration(version: 15, name: "pending devices in place of orders", statements: pendingDevices),
    ]

    private static let venues = [
        """
        CREATE TABLE integrations (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, name TEXT NOT NULL, provider TEXT NOT NULL,
            client_id TEXT NOT NULL, client_secret BYTEA NOT NULL, tenant TEXT, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX integrations_by_age ON integrations (workspace, created_at, id)",
        """
        CREATE TABLE sites (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, name TEXT, driver TEXT, url TEXT, username TEXT,
            password BYTEA, authority TEXT, pinned_digest BYTEA, fas_key BYTEA, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX sites_by_age ON sites (workspace, created_at, id)",
        """
        CREATE TABLE instances (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, name TEXT NOT NULL, strategy TEXT NOT NULL,
            session_ttl BIGINT NOT NULL, auth_window_ttl BIGINT NOT NULL, coupon_ttl BIGINT NOT NULL,
            integration_id BYTEA REFERENCES integrations (id), colors TEXT NOT NULL,
            logo_id BYTEA, logo_type TEXT, logo_width BIGINT, logo_height BIGINT,
            icon_id BYTEA, icon_type TEXT, icon_width BIGINT, icon_height BIGINT,
            terms_text TEXT, locale TEXT NOT NULL, created_at BIGINT NOT NULL, revision BIGINT NOT NULL)
        """,
        "CREATE INDEX instances_by_age ON instances (workspace, created_at, id)",
        "CREATE INDEX instances_by_integration ON instances (integration_id)",
        // A site that an instance names without a subnet has one row whose subnet is NULL.
        """
        CREATE TABLE claims (
            instance_id BYTEA NOT NULL REFERENCES instances (id) ON DELETE CASCADE, site_position BIGINT NOT NULL,
            position BIGINT NOT NULL, site_id BYTEA NOT NULL REFERENCES sites (id), subnet TEXT,
            PRIMARY KEY (instance_id, site_position, position))
        """,
        "CREATE INDEX claims_by_site ON claims (site_id)",
    ]

    private static let guests = [
        // `session_id` is the session that used the coupon. `workspace` is the instance's, so that one look-up by code
        // finds the coupons of all instances of the workspace.
        """
        CREATE TABLE coupons (
            id BYTEA PRIMARY KEY NOT NULL, instance_id BYTEA NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
            workspace TEXT NOT NULL, schedule_id BYTEA, code TEXT NOT NULL, expires_at BIGINT NOT NULL,
            redeemed_at BIGINT, session_id BYTEA, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX coupons_by_code ON coupons (code, workspace)",
        "CREATE INDEX coupons_by_instance ON coupons (instance_id, code)",
        "CREATE INDEX coupons_unused ON coupons (instance_id, created_at, id) WHERE redeemed_at IS NULL",
        // A session runs until `ended_at` is set.
        """
        CREATE TABLE sessions (
            id BYTEA PRIMARY KEY NOT NULL, site_id BYTEA NOT NULL, instance_id BYTEA NOT NULL, workspace TEXT NOT NULL,
            mac BIGINT NOT NULL, ip BYTEA NOT NULL, status TEXT NOT NULL, reason TEXT, strategy TEXT NOT NULL,
            coupon_id BYTEA, provider TEXT, subject TEXT, email TEXT, person TEXT, device TEXT, ttl BIGINT NOT NULL,
            created_at BIGINT NOT NULL, authorized_at BIGINT, expires_at BIGINT NOT NULL, ended_at BIGINT)
        """,
        "CREATE INDEX sessions_by_device ON sessions (site_id, mac, created_at)",
        "CREATE INDEX sessions_by_age ON sessions (site_id, created_at, id)",
        "CREATE INDEX sessions_running ON sessions (site_id, mac) WHERE ended_at IS NULL",
        "CREATE INDEX sessions_running_by_ip ON sessions (ip) WHERE ended_at IS NULL",
        "CREATE INDEX sessions_running_by_end ON sessions (expires_at) WHERE ended_at IS NULL",
        "CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL",
        "CREATE INDEX sessions_running_by_instance ON sessions (instance_id) WHERE ended_at IS NULL",
        // Every row is pending: finished orders are deleted.
        """
        CREATE TABLE orders (
            id BYTEA PRIMARY KEY NOT NULL, site_id BYTEA NOT NULL, session_id BYTEA NOT NULL, kind TEXT NOT NULL,
            mac BIGINT NOT NULL, ip BYTEA NOT NULL, ttl BIGINT NOT NULL, created_at BIGINT NOT NULL,
            deadline BIGINT NOT NULL)
        """,
        "CREATE INDEX orders_by_device ON orders (site_id, mac)",
        "CREATE INDEX orders_by_age ON orders (created_at, id)",
    ]

    private static let venueInfo = ["ALTER TABLE instances ADD COLUMN venue_info_url TEXT"]

    // A row of `session_moves` holds the client that the session left.
    private static let moves = [
        "ALTER TABLE sessions ADD COLUMN moves BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN resume_lookup BIGINT",
        """
        CREATE INDEX sessions_running_by_resume_lookup ON sessions (resume_lookup)
        WHERE ended_at IS NULL AND resume_lookup IS NOT NULL
        """,
        """
        CREATE TABLE session_moves (
            session_id BYTEA NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, moved_at BIGINT NOT NULL,
            mac BIGINT NOT NULL, ip BYTEA NOT NULL)
        """,
        "CREATE INDEX session_moves_by_session ON session_moves (session_id, moved_at)",
    ]

    private static let places = ["CREATE INDEX session_moves_by_device ON session_moves (mac, moved_at)"]

    // A session that the guest signed out of returns by its code, so the index includes ended sessions.
    private static let renewals = [
        "ALTER TABLE sessions ADD COLUMN replaces BYTEA",
        "CREATE INDEX sessions_by_replaced ON sessions (replaces) WHERE replaces IS NOT NULL",
        "DROP INDEX sessions_running_by_resume_lookup",
        "CREATE INDEX sessions_by_resume_lookup ON sessions (resume_lookup) WHERE resume_lookup IS NOT NULL",
        "CREATE INDEX orders_by_session ON orders (session_id)",
    ]

    private static let tokens = [
        """
        CREATE TABLE api_tokens (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, scopes TEXT NOT NULL, created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL, revoked_at BIGINT)
        """,
        "CREATE INDEX api_tokens_by_age ON api_tokens (created_at, id)",
    ]

    // The id of a used sign-in response is unique: a second use fails. Of a hand-over's code only a digest is stored.
    private static let signIns = [
        "CREATE TABLE sign_ins (id BYTEA PRIMARY KEY NOT NULL, expires_at BIGINT NOT NULL)",
        "CREATE INDEX sign_ins_by_end ON sign_ins (expires_at)",
        "CREATE TABLE handovers (digest BYTEA PRIMARY KEY NOT NULL, message BYTEA NOT NULL, expires_at BIGINT NOT NULL)",
        "CREATE INDEX handovers_by_end ON handovers (expires_at)",
    ]

    // `time_of_day` is in minutes since midnight.
    private static let schedules = [
        """
        CREATE TABLE coupon_schedules (
            id BYTEA PRIMARY KEY NOT NULL, instance_id BYTEA NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
            name TEXT NOT NULL, coupons BIGINT NOT NULL, recurrence TEXT NOT NULL, day_of_week BIGINT,
            day_of_month BIGINT, time_of_day BIGINT NOT NULL, time_zone TEXT NOT NULL, valid_minutes BIGINT NOT NULL,
            notification_group_id BYTEA, last_run_at BIGINT, next_run_at BIGINT NOT NULL, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX coupon_schedules_by_age ON coupon_schedules (instance_id, created_at, id)",
        "CREATE INDEX coupon_schedules_by_time ON coupon_schedules (next_run_at, id)",
        "CREATE INDEX coupon_schedules_by_group ON coupon_schedules (notification_group_id)",
        "CREATE INDEX coupons_by_schedule ON coupons (schedule_id, created_at, id) WHERE schedule_id IS NOT NULL",
    ]

    // `destination` is a block in CIDR notation or a host name.
    private static let gardens = [
        """
        CREATE TABLE garden_entries (
            id BYTEA PRIMARY KEY NOT NULL, site_id BYTEA NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
            name TEXT NOT NULL, destination TEXT NOT NULL, kind TEXT, created_at BIGINT NOT NULL)
        """,
        "CREATE UNIQUE INDEX garden_entries_by_destination ON garden_entries (site_id, destination)",
        "CREATE INDEX garden_entries_by_age ON garden_entries (site_id, created_at, id)",
    ]

    // `replaced_at` is set when no theme refers to the image any more.
    private static let images = [
        """
        CREATE TABLE images (
            id BYTEA PRIMARY KEY NOT NULL, instance_id BYTEA NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
            media_type TEXT NOT NULL, content BYTEA NOT NULL, created_at BIGINT NOT NULL, replaced_at BIGINT)
        """,
        "CREATE INDEX images_by_instance ON images (instance_id)",
        "CREATE INDEX images_by_end ON images (replaced_at) WHERE replaced_at IS NOT NULL",
    ]

    // A group's addresses are stored one per line. A row of the outbox is one pending delivery; its `due_at` is also
    // the end of a node's claim.
    private static let notices = [
        """
        CREATE TABLE notification_groups (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, name TEXT NOT NULL, emails TEXT NOT NULL,
            webhook_url TEXT, webhook_secret BYTEA, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX notification_groups_by_age ON notification_groups (workspace, created_at, id)",
        """
        CREATE TABLE deliveries (
            id BYTEA PRIMARY KEY NOT NULL, notice_id BYTEA NOT NULL,
            group_id BYTEA NOT NULL REFERENCES notification_groups (id) ON DELETE CASCADE,
            schedule_id BYTEA NOT NULL, schedule_name TEXT NOT NULL, instance_id BYTEA NOT NULL,
            coupons BIGINT NOT NULL, expires_at BIGINT NOT NULL, time_zone TEXT NOT NULL, created_at BIGINT NOT NULL,
            channel TEXT NOT NULL, target TEXT NOT NULL, attempts BIGINT NOT NULL, due_at BIGINT NOT NULL)
        """,
        "CREATE INDEX deliveries_by_time ON deliveries (due_at, id)",
        "CREATE INDEX deliveries_by_target ON deliveries (group_id, channel, target)",
        """
        CREATE TABLE delivery_states (
            group_id BYTEA NOT NULL REFERENCES notification_groups (id) ON DELETE CASCADE, channel TEXT NOT NULL,
            target TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, at BIGINT NOT NULL,
            PRIMARY KEY (group_id, channel, target))
        """,
    ]

    // One index for each filter of a site's users, in the order of the list; the last two contain few rows.
    private static let users = [
        "DROP INDEX sessions_by_device",
        "CREATE INDEX sessions_by_mac ON sessions (site_id, mac, created_at, id)",
        "CREATE INDEX sessions_by_ip ON sessions (site_id, ip, created_at, id)",
        "CREATE INDEX sessions_running_by_age ON sessions (site_id, created_at, id) WHERE ended_at IS NULL",
        "CREATE INDEX sessions_disconnected ON sessions (site_id, created_at, id) WHERE status = 'disconnected'",
        "CREATE INDEX sessions_failed ON sessions (site_id, created_at, id) WHERE status = 'failed'",
    ]

    // `resource_id` is stored as printed, `fields` as names separated by spaces. A stored response without `answer`
    // belongs to a request that took effect and has no stored response (so far); key and request are digests.
    private static let audit = [
        """
        CREATE TABLE audit_entries (
            id BYTEA PRIMARY KEY NOT NULL, workspace TEXT NOT NULL, token_id TEXT, subject TEXT, address BYTEA,
            action TEXT NOT NULL, resource TEXT NOT NULL, resource_id TEXT, path TEXT, fields TEXT NOT NULL,
            created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX audit_entries_by_age ON audit_entries (workspace, created_at, id)",
        "CREATE INDEX audit_entries_by_resource ON audit_entries (workspace, resource, created_at, id)",
        "CREATE INDEX audit_entries_by_id ON audit_entries (workspace, resource_id, created_at, id)",
        "CREATE INDEX audit_entries_by_token ON audit_entries (workspace, token_id, created_at, id)",
        "CREATE INDEX audit_entries_by_end ON audit_entries (created_at)",
        """
        CREATE TABLE kept_answers (
            workspace TEXT NOT NULL, key BYTEA NOT NULL, request BYTEA NOT NULL, answer BYTEA,
            created_at BIGINT NOT NULL, PRIMARY KEY (workspace, key))
        """,
        "CREATE INDEX kept_answers_by_age ON kept_answers (created_at)",
    ]

    // One row: the data that readiness checks write, and the clock history.
    private static let selfChecks = [
        """
        CREATE TABLE self_checks (
            id BIGINT PRIMARY KEY NOT NULL, written_at BIGINT, filler BYTEA, trusted_at BIGINT,
            doubted_from BIGINT, doubted_until BIGINT)
        """
    ]

    // A session that has to be confirmed again has `awaiting_since`; one that has to move has `next_…`. A row of
    // `pending_devices` is a device whose router may differ from its desired state. Until `revoke_until` the router may
    // hold access that has ended. Until `claimed_until` the node `claimed_by` works on the device.
    private static let pendingDevices = [
        "ALTER TABLE sessions ADD COLUMN awaiting_since BIGINT",
        "ALTER TABLE sessions ADD COLUMN next_mac BIGINT",
        "ALTER TABLE sessions ADD COLUMN next_ip BYTEA",
        "ALTER TABLE sessions ADD COLUMN next_since BIGINT",
        "CREATE INDEX sessions_arriving ON sessions (site_id, next_mac) WHERE next_mac IS NOT NULL AND ended_at IS NULL",
        """
        CREATE TABLE pending_devices (
            site_id BYTEA NOT NULL, mac BIGINT NOT NULL, ip BYTEA NOT NULL, since BIGINT NOT NULL, revoke_until BIGINT,
            claimed_by TEXT, claimed_until BIGINT, PRIMARY KEY (site_id, mac))
        """,
        "CREATE INDEX pending_devices_by_age ON pending_devices (since, site_id, mac)",
        """
        UPDATE sessions SET awaiting_since = (
            SELECT MIN(orders.created_at) FROM orders
            WHERE orders.session_id = sessions.id AND kind = 'authorize' AND orders.mac = sessions.mac)
        WHERE status = 'active' AND ended_at IS NULL
        """,
        """
        UPDATE sessions SET
            next_mac = (SELECT mac FROM orders WHERE \(moving) ORDER BY orders.created_at DESC LIMIT 1),
            next_ip = (SELECT ip FROM orders WHERE \(moving) ORDER BY orders.created_at DESC LIMIT 1),
            next_since = (SELECT orders.created_at FROM orders WHERE \(moving) ORDER BY orders.created_at DESC LIMIT 1)
        WHERE status = 'active' AND ended_at IS NULL
        """,
        """
        INSERT INTO pending_devices (site_id, mac, ip, since, revoke_until)
        SELECT site_id, mac, MAX(ip), MIN(created_at), MAX(CASE WHEN kind = 'revoke' THEN deadline END)
        FROM orders GROUP BY site_id, mac
        """,
        "DROP TABLE orders",
    ]

    private static let moving =
        "orders.session_id = sessions.id AND kind = 'authorize' AND orders.mac <> sessions.mac"
}
