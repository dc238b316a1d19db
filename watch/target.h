/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"
#include "db/state.h"
#include "lib/base/list.h"
#include "lib/base/wheel.h"
#include "watch/health.h"
#include "watch/probe.h"

/* One thing that is probed, and all that is known of it. What it is about is the key of its
 * verdict; a boot server has a target for each file that it should serve, told apart by farm
 * and file, and one verdict (see plan.h). */
struct target {
	/* What the map says; the plan fills it in. */
	enum db_role role;
	char farm[DB_FARM_NAME_MAX + 1];
	uint32_t addr;
	char file[DB_FILE_NAME_MAX + 1]; /* "" where the role has none */
	enum probe_kind kind;
	uint16_t port;                 /* 0: the kind's own */
	char name[PROBE_NAME_MAX + 1]; /* on the wire; "" without TFTP */
	struct db_monitor monitor;
	bool has_pin;
	uint8_t pin[DB_DIGEST_LEN];
	bool publishes; /* what it fetches goes into the cache */

	/* What was found. */
	struct health health;
	struct db_health
	    account;   /* as it is written; its verdict and counts follow health */
	unsigned thin; /* probes since the last whole transfer */
	bool dirty;    /* the account is to be written */

	/* When and how it is probed again: of the turns and the runner. */
	struct wheel_entry timer;
	struct list queue; /* due, and waits until fewer probes run */
	struct run *run;   /* the probe on its way, or NULL */
	uint64_t began_ms; /* the last probe, monotonic; 0: none yet */
	bool hastened;     /* a probe is asked for, of the whole file */
	bool
	    stages; /* the next whole file is expected to be another than the cache's */
	bool once;  /* of no plan: probed once, and not again */
	bool fetched; /* a whole file came since this process began */

	bool said_drift; /* the teller's: the account's drift as it was last told */
};

/* A target's key of the state; texts are borrowed from it. */
struct db_verdict_key target_key(const struct target *target);

/* The next probe of it. whole: the file to its end, whatever its turn; of a target to which any
 * TFTP packet is good this is a probe that fetches the file for the cache, as it is done until
 * it came once and each ten minutes. What is asked of
 * PROBE_PXE lacks local, mac and xid. A knock waits longer than the monitor's timeout for what
 * ICMP may say. */
void target_ask(const struct target *target, bool whole, struct probe_ask *ret);

/* True when a probe of it that ended was good: to a target of PROBE_TFTP_REPLY any answer is,
 * whatever was asked and however the file is. */
bool target_is_good(const struct target *target, const struct probe *probe);
