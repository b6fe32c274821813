-- The tables as the bank made them before it kept steps, with a little of everything in them.
CREATE TABLE users (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	full_name VARCHAR NOT NULL,
	password_hash VARCHAR NOT NULL,
	PRIMARY KEY (id),
	UNIQUE ("key")
);
CREATE TABLE audit (
	id INTEGER NOT NULL,
	seq INTEGER,
	at_ms INTEGER NOT NULL,
	event VARCHAR NOT NULL,
	level VARCHAR NOT NULL,
	user VARCHAR,
	session VARCHAR,
	line VARCHAR NOT NULL,
	hash VARCHAR,
	PRIMARY KEY (id)
);
CREATE INDEX ix_audit_seq ON audit (seq);
CREATE INDEX ix_audit_user ON audit (user);
CREATE INDEX ix_audit_at_ms ON audit (at_ms);
CREATE INDEX ix_audit_session ON audit (session);
CREATE TABLE accounts (
	id INTEGER NOT NULL,
	owner_id INTEGER,
	kind VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	sort_code VARCHAR NOT NULL,
	number VARCHAR NOT NULL,
	balance_pence INTEGER NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT not_overdrawn CHECK (kind = 'clearing' OR balance_pence >= 0),
	FOREIGN KEY(owner_id) REFERENCES users (id),
	UNIQUE (number)
);
CREATE INDEX ix_accounts_owner_id ON accounts (owner_id);
CREATE TABLE transfers (
	id INTEGER NOT NULL,
	public_id VARCHAR NOT NULL,
	made_by INTEGER,
	form_key VARCHAR,
	made_ms INTEGER NOT NULL,
	counterparty VARCHAR NOT NULL,
	reference VARCHAR NOT NULL,
	amount_pence INTEGER NOT NULL CHECK (amount_pence > 0),
	PRIMARY KEY (id),
	UNIQUE (made_by, form_key),
	UNIQUE (public_id),
	FOREIGN KEY(made_by) REFERENCES users (id)
);
CREATE TABLE entries (
	id INTEGER NOT NULL,
	transfer_id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	amount_pence INTEGER NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(transfer_id) REFERENCES transfers (id),
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_entries_transfer_id ON entries (transfer_id);
CREATE INDEX entries_of_account ON entries (account_id, id);
INSERT INTO users VALUES (1, 'george', 'george', 'George Harper', '$argon2id$v=19$m=8,t=1,p=1$c2Vhc2FsdHNhbHQ$WdTNSeF6VgZw9w/g2NRU9Yd5f4CL2nZU4rrDMWDKItE');
INSERT INTO users VALUES (2, 'O’Connor', 'o''connor', 'Niamh O’Connor', 'a9ce588431a5f367e73d7faac0dec85b20c5ba6f');
INSERT INTO accounts VALUES (1, NULL, 'clearing', 'Other banks', '20-45-06', '00000000', -10000);
INSERT INTO accounts VALUES (2, 2, 'current', 'Current account', '20-45-06', '30206617', 10000);
INSERT INTO transfers VALUES (1, 'abcdefghijklmnop', NULL, NULL, 1767603600000, 'Dublin Street Clinic', 'Salary', 10000);
INSERT INTO entries VALUES (1, 1, 1, -10000);
INSERT INTO entries VALUES (2, 1, 2, 10000);
INSERT INTO audit VALUES (1, 1, 1767603600000, 'session_created:2', 'INFO', '2', 'abc', '{}', 'def');
