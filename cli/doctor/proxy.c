/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "lib/base/text.h"
#include "lib/boot/decide.h"
#include "lib/wire/dhcp4.h"

#include <string.h>

/* What ProxyDHCP needs: interfaces to hear, and a DHCP server that names what a proxy cannot. */

static bool
is_held(const struct doctor *d)
{
	return host_holds(d->host, 0, DHCP4_PXE_PORT);
}

/* As far as this host and the map can tell. */
static bool
is_in_use(const struct doctor *d)
{
	return d->settings.interface_count > 0 || d->settings.relay_only ||
	    d->settings.shadow || is_held(d);
}

/* ---- interfaces */

static void
say_interface(struct doctor *d, const char *name)
{
	const struct nic *nic = nics_named(host_nics(d->host), name);
	char text[IP4_TEXT];
	if (nic == NULL) {
		doctor_say(d, DOCTOR_PROBLEM, name,
		    json_string("this host has no such interface"),
		    json_string(
			"correct proxy.interfaces in pvsboot.yaml, or bring the "
			"interface about"));
	} else if (!nic->up) {
		doctor_say(d, DOCTOR_PROBLEM, name,
		    json_string("down, or without a cable"),
		    json_sprintf("ip link set %s up", name));
	} else if (nic->addr == 0) {
		doctor_say(d, DOCTOR_PROBLEM, name,
		    json_string("has no IPv4 address: pvsboot-pxe does not hear it"),
		    json_sprintf("ip address add ADDRESS/LENGTH dev %s", name));
	} else {
		doctor_say(d, DOCTOR_OK, name,
		    json_sprintf("up, %s", ip4_format(nic->addr, text)), json_null());
	}
}

/* Where the proxy does not run and none of its interfaces is, it is another host's. */
static bool
is_elsewhere(const struct doctor *d)
{
	bool any = is_held(d);
	for (unsigned i = 0; i < d->settings.interface_count; i++) {
		any = any ||
		    nics_named(host_nics(d->host), d->settings.interfaces[i]) != NULL;
	}
	return !any;
}

static void
say_interfaces(struct doctor *d)
{
	if (is_elsewhere(d)) {
		doctor_say(d, DOCTOR_ADVICE, NULL,
		    json_string("this host has none of the proxy.interfaces: it is not "
				"the one that pvsboot-pxe runs on"),
		    json_string("if it is, correct proxy.interfaces in pvsboot.yaml"));
		return;
	}
	for (unsigned i = 0; i < d->settings.interface_count; i++) {
		say_interface(d, d->settings.interfaces[i]);
	}
}

int
check_proxy(struct doctor *d)
{
	if (d->settings.interface_count > 0) {
		say_interfaces(d);
	}
	if (d->settings.shadow) {
		doctor_say(d, DOCTOR_ADVICE, NULL,
		    json_string("mode shadow: pvsboot-pxe logs, and answers nobody"),
		    json_string("once its log shows what you expect, mode: answer"));
	} else if (is_held(d)) {
		doctor_say(d, DOCTOR_OK, NULL,
		    json_string("something listens on UDP 4011"), json_null());
	} else if (is_in_use(d)) {
		doctor_say(d, DOCTOR_ADVICE, NULL,
		    json_string("nothing listens on UDP 4011: pvsboot-pxe does not run "
				"here"),
		    json_string("if it is to: systemctl enable --now pvsboot-pxe"));
	}
	return 0;
}

/* ---- option 11 or 17. UEFI firmware keeps the DHCP server's ACK and a proxy's offer apart,
 * and a bootstrap looks into the ACK. */

static bool
has_uefi(const struct doctor *d, const struct db_farm *farm)
{
	for (size_t i = 0; i < d->wants.count; i++) {
		const struct want *want = &d->wants.want[i];
		if (want->uefi && text_casecmp(want->farm, farm->name) == 0) {
			return true;
		}
	}
	return false;
}

enum { ADDRESSES_TEXT = BOOT_LOGIN_MAX * (IP4_TEXT + 1) };

/* The farm's streaming addresses, as many as option 11 takes of them. */
static char *
format_streams(const struct db_farm *farm, char dst[static ADDRESSES_TEXT])
{
	unsigned count = 0;
	char *p = dst;
	*p = '\0';
	for (unsigned i = 0; i < farm->server_count; i++) {
		const struct db_server *server = &farm->servers[i];
		unsigned end = server->stream_first + server->stream_count;
		for (unsigned s = server->stream_first; server->login && s < end &&
		     s < farm->stream_count && count < BOOT_LOGIN_MAX;
		     s++, count++) {
			char text[IP4_TEXT];
			ip4_format(farm->streams[s], text);
			p = stpcpy(stpcpy(p, count > 0 ? ", " : ""), text);
		}
	}
	return dst;
}

static int
say_login(struct doctor *d, const struct db_farm *farm)
{
	char streams[ADDRESSES_TEXT];
	bool by_path = farm->login == DB_LOGIN_ROOT_PATH;
	if (farm->login == DB_LOGIN_NONE || !has_uefi(d, farm)) {
		return 0;
	}
	doctor_say(d, DOCTOR_ADVICE, farm->name,
	    json_sprintf(
		"UEFI bootstraps look for option %s in the DHCP server's ACK, where "
		"pvsboot-pxe cannot put it (Kea with our hook does)",
		by_path ? "17" : "11"),
	    json_sprintf(
		"in the DHCP server, for the scopes of this farm, option %s: %s",
		by_path ? "17" : "11",
		by_path ? farm->root_path : format_streams(farm, streams)));
	return 0;
}

int
check_login(struct doctor *d)
{
	return is_in_use(d) ? doctor_farms(d, say_login) : 0;
}
