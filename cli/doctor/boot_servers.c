/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "lib/wire/tftp.h"

/* The boot servers of the map that this host is. Whether something listens is read from the
 * kernel: TFTP is not asked. */

/* Returns 1, which ends the walk, at a farm that boot servers deliver to. */
static int
find_delivery(struct doctor *d, const struct db_farm *farm)
{
	(void)d;
	return farm->delivery == DB_DELIVERY_BOOT_SERVER ? 1 : 0;
}

static void
say_held(struct doctor *d, uint32_t addr)
{
	char text[IP4_TEXT];
	ip4_format(addr, text);
	if (host_holds(d->host, addr, TFTP_PORT)) {
		doctor_say(d, DOCTOR_OK, text,
		    json_string("this host's, and something listens on UDP 69"),
		    json_null());
	} else {
		doctor_say(d, DOCTOR_PROBLEM, text,
		    json_string("this host's, and nothing listens on UDP 69: machines "
				"sent here get no bootstrap"),
		    json_string("systemctl enable --now pvsboot-tftp"));
	}
}

static void
say_none(struct doctor *d)
{
	if (host_holds(d->host, 0, TFTP_PORT)) {
		doctor_say(d, DOCTOR_ADVICE, NULL,
		    json_string("something listens on UDP 69, but no address of this "
				"host is among the map's boot-servers"),
		    json_string("unless targets reach this host by another address, "
				"name its own in boot-servers"));
	} else {
		doctor_say(d, DOCTOR_ADVICE, NULL,
		    json_string(
			"no address of this host is among the map's boot-servers: it "
			"is none of them, and its cache was not looked at"),
		    json_string(
			"if it is to be one, name its address in boot-servers"));
	}
}

int
check_boot_servers(struct doctor *d)
{
	unsigned here = 0;
	int err = doctor_farms(d, find_delivery);
	if (err <= 0) {
		return err;
	}
	for (unsigned i = 0; i < d->settings.boot_server_count; i++) {
		uint32_t addr = d->settings.boot_servers[i];
		if (nics_has(host_nics(d->host), addr)) {
			say_held(d, addr);
			here++;
		}
	}
	if (here == 0) {
		say_none(d);
	}
	return 0;
}
