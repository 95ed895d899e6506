-- The ledger's tables. {int}, {bytes}, {serial} and {strict} stand for what the engines write
-- differently. Times are microseconds since 1970, UTC. Amounts are plain decimal digits as text,
-- never a floating-point number. JSON is text. No table holds a secret.

-- One row a payout reference, for ever: this is what keeps a reference from being paid twice.
CREATE TABLE paymux_payouts (
    -- The merchant's reference.
    reference TEXT NOT NULL PRIMARY KEY,
    -- The ledger's own id, a UUID of version 7.
    id TEXT NOT NULL UNIQUE,
    -- awaiting_approval, approved, declined, running, not_sent, rejected, in_doubt, made
    state TEXT NOT NULL,
    -- Who was asked; once made, who carries it out.
    provider TEXT NOT NULL,
    -- The gateway's id, without its owner before it.
    gateway_id TEXT,
    -- What makes two payouts the same one: amount, asset, destination, memo, as JSON.
    terms TEXT NOT NULL,
    -- What was asked for, as JSON; without the one-time code.
    request TEXT NOT NULL,
    amount TEXT NOT NULL,
    asset TEXT NOT NULL,
    destination TEXT NOT NULL,
    -- The day (since 1970, UTC) that limits count it under; null when nothing was sent.
    spent_day {int},
    requested_by TEXT,
    -- What is known of it, as JSON, and its status once more for queries.
    snapshot TEXT,
    status TEXT,
    -- What the last attempt failed with, as JSON.
    error TEXT,
    -- The call that runs, and until when it is believed to live.
    intent {int},
    lease_until {int},
    -- Whether the call tells of each attempt it makes (a router does).
    delegated {int} NOT NULL DEFAULT 0,
    -- How many events it has had.
    event_seq {int} NOT NULL DEFAULT 0,
    -- When the reconciler asks for it next; null when it need not.
    poll_at {int},
    polls {int} NOT NULL DEFAULT 0,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX paymux_payouts_gateway ON paymux_payouts (gateway_id, provider);
CREATE INDEX paymux_payouts_poll ON paymux_payouts (provider, poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX paymux_payouts_lease ON paymux_payouts (lease_until) WHERE state = 'running';
CREATE INDEX paymux_payouts_unsettled ON paymux_payouts (state, reference)
    WHERE state IN ('in_doubt', 'awaiting_approval');
CREATE INDEX paymux_payouts_spent ON paymux_payouts (asset, spent_day) WHERE spent_day IS NOT NULL;
CREATE INDEX paymux_payouts_created ON paymux_payouts (created_at);

-- A row for whoever adds up what an asset's payouts have come to on a day: only one may at a time.
CREATE TABLE paymux_spending (
    asset TEXT NOT NULL PRIMARY KEY
) {strict};

-- Who approved or declined a payout above a limit.
CREATE TABLE paymux_approvals (
    number {serial},
    reference TEXT NOT NULL,
    -- approved, declined
    decision TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT,
    at {int} NOT NULL
) {strict};
CREATE INDEX paymux_approvals_reference ON paymux_approvals (reference, number);

-- One row an invoice, and one for each that may exist although its creation failed. The newest
-- attempt of an order (branch 0) is the order's invoice.
CREATE TABLE paymux_invoices (
    id TEXT NOT NULL PRIMARY KEY,
    -- The merchant's order. The gateway sees it with ~2, ~3 after it from the second attempt on.
    order_id TEXT NOT NULL,
    attempt_no {int} NOT NULL,
    -- 0 for the attempt itself; 1 and up for invoices that were given up on the way to it.
    branch {int} NOT NULL DEFAULT 0,
    -- running, made, not_made, abandoned
    state TEXT NOT NULL,
    provider TEXT NOT NULL,
    gateway_id TEXT,
    -- What makes two requests the same one: price, asset, time to pay, callback URL, as JSON.
    terms TEXT NOT NULL,
    request TEXT NOT NULL,
    snapshot TEXT,
    status TEXT,
    error TEXT,
    intent {int},
    lease_until {int},
    event_seq {int} NOT NULL DEFAULT 0,
    poll_at {int},
    polls {int} NOT NULL DEFAULT 0,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    UNIQUE (order_id, attempt_no, branch)
) {strict};
CREATE UNIQUE INDEX paymux_invoices_gateway ON paymux_invoices (gateway_id, provider);
CREATE INDEX paymux_invoices_poll ON paymux_invoices (provider, poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX paymux_invoices_lease ON paymux_invoices (lease_until) WHERE state = 'running';
CREATE INDEX paymux_invoices_unsettled ON paymux_invoices (id)
    WHERE state = 'abandoned' AND gateway_id IS NULL;
CREATE INDEX paymux_invoices_created ON paymux_invoices (created_at);

-- Each attempt that a router told of.
CREATE TABLE paymux_attempts (
    id {int} NOT NULL PRIMARY KEY,
    -- invoice, payout
    kind TEXT NOT NULL,
    -- The payout's reference, or the order id as the gateway sees it.
    subject TEXT NOT NULL,
    -- The call that it is part of, and whether that is one of the ledger's own.
    intent {int} NOT NULL,
    joined {int} NOT NULL,
    provider TEXT NOT NULL,
    -- running, made, failed, in_doubt, not_made
    state TEXT NOT NULL,
    gateway_id TEXT,
    error TEXT,
    started_at {int} NOT NULL,
    ended_at {int}
) {strict};
CREATE INDEX paymux_attempts_subject ON paymux_attempts (kind, subject);
-- At most one attempt of a payout runs, is in doubt or was made.
CREATE UNIQUE INDEX paymux_attempts_one_payout ON paymux_attempts (subject)
    WHERE kind = 'payout' AND state IN ('running', 'in_doubt', 'made');

-- What happened to each invoice and payout.
CREATE TABLE paymux_history (
    number {serial},
    -- invoice, payout
    entity_kind TEXT NOT NULL,
    -- The row's own id.
    entity TEXT NOT NULL,
    at {int} NOT NULL,
    -- call, webhook, read_back, poll, recovery, lease, person
    cause TEXT NOT NULL,
    -- signed, checked, weak; null where it was no webhook
    proof TEXT,
    was TEXT,
    became TEXT,
    who TEXT,
    why TEXT,
    detail TEXT
) {strict};
CREATE INDEX paymux_history_entity ON paymux_history (entity, number);

-- Events for the application: exactly one for each change of state.
CREATE TABLE paymux_outbox (
    number {serial},
    -- The event's own id, a UUID of version 7; the same at every delivery.
    id TEXT NOT NULL UNIQUE,
    entity_kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    -- Counts the events of one entity, from 1: they are delivered in this order.
    entity_seq {int} NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    -- open, queued (another of its entity is open before it), done, dead
    state TEXT NOT NULL,
    tries {int} NOT NULL DEFAULT 0,
    -- When it is due. A worker that takes it moves this on: it is due again when the worker died.
    next_at {int} NOT NULL,
    worker TEXT,
    last_error TEXT,
    created_at {int} NOT NULL,
    done_at {int},
    UNIQUE (entity, entity_seq)
) {strict};
CREATE INDEX paymux_outbox_open ON paymux_outbox (next_at, number) WHERE state = 'open';
CREATE INDEX paymux_outbox_dead ON paymux_outbox (number) WHERE state = 'dead';

-- Webhooks that were proven.
CREATE TABLE paymux_inbox (
    number {serial},
    -- Whose invoice or payout it tells of.
    provider TEXT NOT NULL,
    -- Stable over redeliveries.
    dedup_key TEXT NOT NULL,
    -- invoice, payout, deposit, other
    kind TEXT NOT NULL,
    -- signed, checked, weak
    proof TEXT NOT NULL,
    -- The gateway's id of what it tells of, without its owner before it.
    gateway_id TEXT,
    -- The payout reference that correlation found.
    reference TEXT,
    -- What it tells, as JSON.
    subject TEXT,
    body {bytes} NOT NULL,
    received_at {int} NOT NULL,
    -- waiting, unmatched (no invoice or payout is known that it tells of), done
    state TEXT NOT NULL,
    tries {int} NOT NULL DEFAULT 0,
    -- When it is due. A worker that takes it moves this on: it is due again when the worker died.
    next_at {int} NOT NULL,
    worker TEXT,
    last_error TEXT,
    done_at {int},
    UNIQUE (provider, dedup_key)
) {strict};
CREATE INDEX paymux_inbox_open ON paymux_inbox (next_at, number) WHERE state <> 'done';
CREATE INDEX paymux_inbox_unmatched ON paymux_inbox (provider, gateway_id) WHERE state = 'unmatched';
CREATE INDEX paymux_inbox_reference ON paymux_inbox (reference) WHERE reference IS NOT NULL;

-- Webhooks whose proof is a call that could not be made yet. Bounded; nothing in it is believed.
CREATE TABLE paymux_quarantine (
    number {serial},
    -- The provider instance that it was received for.
    provider TEXT NOT NULL,
    -- Of everything that was received: the same notice is kept once.
    digest TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    path_and_query TEXT NOT NULL,
    -- Pairs of name and value as JSON; each byte of a value is one character.
    headers TEXT NOT NULL,
    body {bytes} NOT NULL,
    -- What it counts for in the size below.
    bytes {int} NOT NULL,
    received_at {int} NOT NULL,
    tries {int} NOT NULL DEFAULT 0,
    -- When it is due. A worker that takes it moves this on: it is due again when the worker died.
    next_at {int} NOT NULL,
    worker TEXT,
    last_error TEXT
) {strict};
CREATE INDEX paymux_quarantine_next ON paymux_quarantine (next_at, number);

-- How much is in quarantine: one row, so that its bounds hold whoever writes at the same time.
CREATE TABLE paymux_quarantine_size (
    one {int} NOT NULL PRIMARY KEY,
    notices {int} NOT NULL,
    bytes {int} NOT NULL
) {strict};
INSERT INTO paymux_quarantine_size (one, notices, bytes) VALUES (1, 0, 0);

-- How many calls the reconciler made to each provider in the minute (since 1970, UTC) of the last.
CREATE TABLE paymux_budgets (
    provider TEXT NOT NULL PRIMARY KEY,
    minute {int} NOT NULL,
    used {int} NOT NULL
) {strict};
