/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* What a function of lib/ or db/ returns: 0, a negated errno, or one of these.
 * All values lie below -1000, so they never meet an errno. */
enum err {
	ERR_SHORT = -1001,     /* the bytes end before the value does */
	ERR_ROOM = -1002,      /* the value does not fit the room given */
	ERR_MALFORMED = -1003, /* the bytes contradict their own format */
	ERR_RANGE = -1004,     /* a number outside its range */
	ERR_NOTFOUND = -1005,  /* no such record; not a failure of the store */
	ERR_EXISTS = -1006,    /* it is there already */
	ERR_BADOPT = -1007,    /* an option that cannot be honoured */
	ERR_FORMAT = -1008,    /* a database of another MAJOR format */
	ERR_CHECKSUM = -1009,  /* a stored value fails its checksum */
	ERR_READONLY = -1010,  /* a database folder on a read-only mount */
	ERR_BUSY = -1011,      /* every reader slot is in use */
	ERR_FULL = -1012,      /* the database has reached its map size */
	ERR_EMPTY = -1013,     /* a database that nothing was ever applied to */
	ERR_NOTDB = -1014,     /* a file that is not an LMDB database */
	ERR_ACCESS = -1015,    /* modes or ownership refuse what we need */
	ERR_REFUSED = -1016,   /* a rule of ours forbids it; the caller knows which */
};

/* The code for an errno that a call on a file or folder left: ERR_NOTFOUND, ERR_ACCESS,
 * ERR_READONLY, or the errno negated. */
int err_of_errno(int errnum);

/* One short English clause for a code of any of the three kinds; never NULL, never freed. */
const char *err_str(int code);
