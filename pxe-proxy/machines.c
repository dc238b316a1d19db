/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/machines.h"

#include "lib/base/ip4.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"
#include "pxe-proxy/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A DISCOVER that comes twice at once was doubled on its way, as by two relays. */
	DOUBLED_MS = 500,
	/* PXE 2.1 clients wait 4, 8, 16 and 32 s for offers, RFC 2131 lets each be a second
	 * less. iPXE, which also asks after 1 and 2 s, takes what DHCP offers without us: where
	 * it repeats itself, the DHCP server is slow or silent. */
	PATIENT_MS = 3000,
	GAPS_OFFERED = 2, /* where an address was seen to be offered */
	GAPS_UNSEEN = 3,
	FORGET_AT_ONCE = 1024, /* a second: some 0.1 ms, and the whole roster in 16 s */
};

struct machines {
	struct roster *roster;
};

int
machines_new(struct machines **ret)
{
	struct machines *machines = calloc(1, sizeof(*machines));
	if (machines == NULL) {
		return -ENOMEM;
	}
	int err = roster_new(&machines->roster);
	if (err != 0) {
		machines_free(machines);
		return err;
	}
	*ret = machines;
	return 0;
}

void
machines_free(struct machines *machines)
{
	if (machines != NULL) {
		roster_free(machines->roster);
	}
	free(machines);
}

static struct found
found_of(const struct machine *machine, enum event_finding finding, uint32_t server)
{
	struct found found = {.finding = finding,
	    .mac = machine->mac,
	    .server = server,
	    .client = machine->addr,
	    .arch = machine->answer.arch};
	(void)text_copy(found.farm, sizeof(found.farm), machine->answer.farm);
	return found;
}

/* Where it would be noticed when it does not come: at our port 4011, to which the redirect
 * form sends every client; at TFTP only if that is ours. In shadow mode nothing was said. */
static void
note_answer(struct machine *machine, const struct exchange *exchange, bool shadow,
    bool sees_tftp)
{
	const struct boot_answer *answer = &exchange->answer;
	bool redirects = answer->offer == DB_OFFER_REDIRECT;
	machine->is_ours = true;
	machine->answer.arch = answer->arch;
	machine->answer.has_login =
	    answer->login_count > 0 || answer->root_path[0] != '\0';
	machine->answer.is_seen = !shadow && (redirects || sees_tftp);
	machine->answer.from = exchange->request.from;
	machine->answer.server = answer->server;
	(void)text_copy(
	    machine->answer.farm, sizeof(machine->answer.farm), answer->farm);
	(void)text_copy(
	    machine->answer.file, sizeof(machine->answer.file), answer->file);
	machine->answer.meets =
	    redirects ? machine->answer.from : machine->answer.server;
}

static void
note_come(struct machine *machine)
{
	machine->boot.has_come = true;
	list_remove(&machine->awaited);
}

/* Notes a DISCOVER: of a new boot, or one more of the present. */
static void
note_discover(struct machine *machine, uint32_t xid, uint64_t now_ms)
{
	list_remove(&machine->awaited);
	if (!machine->boot.has_begun || machine->boot.xid != xid) {
		memset(&machine->boot, 0, sizeof(machine->boot));
		machine->boot.has_begun = true;
		machine->boot.xid = xid;
		machine->boot.discover_ms = now_ms;
		return;
	}
	uint64_t gap_ms = now_ms - machine->boot.discover_ms;
	if (gap_ms < DOUBLED_MS) {
		return;
	}
	if (gap_ms < PATIENT_MS) {
		machine->boot.growing = 0;
	} else {
		machine->boot.growing =
		    gap_ms > machine->boot.gap_ms ? machine->boot.growing + 1 : 1;
	}
	machine->boot.gap_ms = gap_ms;
	machine->boot.discover_ms = now_ms;
}

/* True once a boot. */
static bool
refuses(struct machine *machine)
{
	unsigned gaps = machine->boot.is_dhcp_offered ? GAPS_OFFERED : GAPS_UNSEEN;
	if (machine->boot.is_judged_refusing || machine->boot.growing < gaps) {
		return false;
	}
	machine->boot.is_judged_refusing = true;
	return true;
}

bool
machines_answered(struct machines *machines, const struct exchange *exchange,
    bool shadow, bool sees_tftp, uint64_t now_ms, struct found *ret)
{
	const struct request *request = &exchange->request;
	struct machine *machine =
	    roster_make(machines->roster, &request->facts.mac, now_ms);
	note_answer(machine, exchange, shadow, sees_tftp);
	if (request->door == REQUEST_PXE) {
		note_come(machine);
		return false;
	}
	note_discover(machine, request->header.xid, now_ms);
	if (shadow || !refuses(machine)) {
		return false;
	}
	*ret = found_of(machine, EVENT_OFFER_REFUSED, machine->answer.from);
	return true;
}

/* A machine of ours took an address: from now on it is awaited. */
static void
note_request(struct roster *roster, struct machine *machine, uint64_t now_ms)
{
	machine->boot.growing = 0;
	machine->boot.gap_ms = 0;
	if (machine->answer.is_seen && !machine->boot.has_come &&
	    !machine->boot.is_judged_missing) {
		machine->boot.awaited_ms = now_ms;
		roster_await(roster, machine);
	}
}

bool
machines_request(struct machines *machines, const struct request *request,
    uint64_t now_ms, uint32_t *ret_addr)
{
	struct roster *roster = machines->roster;
	struct machine *machine = roster_make(roster, &request->facts.mac, now_ms);
	note_request(roster, machine, now_ms);
	bool is_new = request->client != machine->addr;
	if (request->client == 0 ||
	    (!is_new && request->header.xid == machine->told_xid)) {
		return false;
	}
	if (is_new) {
		roster_set_addr(roster, machine, request->client);
	}
	machine->told_xid = request->header.xid;
	*ret_addr = request->client;
	return true;
}

/* Who sent a message, as its clients take it (RFC 2131 section 4.3.1 asks for option 54). */
static uint32_t
sender_of(struct dhcp4 *message, uint32_t source)
{
	uint32_t server;
	if (dhcp4_option_be32(message, DHCP4_OPT_SERVER_ID, &server)) {
		return server;
	}
	return message->header.siaddr != 0 ? message->header.siaddr : source;
}

static bool
says_pxe_client(struct dhcp4 *message)
{
	struct rd value;
	return dhcp4_option(message, DHCP4_OPT_CLASS_ID, &value) &&
	    dhcp4_is_pxe_client(value.p, value.left);
}

static bool
text_is(const struct rd *text, const char *is)
{
	return text->left == strlen(is) && memcmp(text->p, is, text->left) == 0;
}

/* Without the NULs that some end it with. */
static struct rd
text_option(struct dhcp4 *message, uint8_t code)
{
	struct rd value;
	(void)dhcp4_option(message, code, &value);
	return rd_until_nul(value);
}

/* True for a server and a file that are not those of our answer: two services that say the
 * same, as our hook in that DHCP server would, do no harm. */
static bool
names_another_boot(struct dhcp4 *message, const struct machine *machine)
{
	char ours[IP4_TEXT];
	uint32_t siaddr = message->header.siaddr;
	struct rd host = text_option(message, DHCP4_OPT_TFTP_SERVER);
	struct rd field = dhcp4_file(message);
	struct rd option = text_option(message, DHCP4_OPT_BOOT_FILE);
	if ((siaddr == 0 && host.left == 0) || (field.left == 0 && option.left == 0)) {
		return false;
	}
	bool is_our_server = siaddr != 0
	    ? siaddr == machine->answer.server
	    : text_is(&host, ip4_format(machine->answer.server, ours));
	return !is_our_server ||
	    (field.left > 0 && !text_is(&field, machine->answer.file)) ||
	    (option.left > 0 && !text_is(&option, machine->answer.file));
}

static bool
lacks_login_list(struct dhcp4 *message, const struct machine *machine)
{
	struct rd value;
	return machine->answer.has_login && arch_is_uefi(machine->answer.arch) &&
	    !dhcp4_option(message, DHCP4_OPT_RESOURCE_LOCATION, &value) &&
	    !dhcp4_option(message, DHCP4_OPT_ROOT_PATH, &value);
}

/* The machine of ours that an OFFER or ACK is for, or NULL. */
static struct machine *
addressee(struct machines *machines, struct dhcp4 *message)
{
	struct mac mac;
	uint8_t type;
	if (message->header.htype != DHCP4_HTYPE_ETHERNET ||
	    message->header.hlen != MAC_LEN ||
	    !dhcp4_option_u8(message, DHCP4_OPT_MESSAGE_TYPE, &type) ||
	    (type != DHCP4_OFFER && type != DHCP4_ACK)) {
		return NULL;
	}
	memcpy(mac.b, message->header.chaddr, MAC_LEN);
	struct machine *machine = roster_find(machines->roster, &mac);
	return machine != NULL && machine->is_ours ? machine : NULL;
}

/* No DHCP server's, and without the lists of servers by which others have the machine choose. */
static bool
is_as_we_write(struct dhcp4 *message)
{
	struct rd value;
	struct pxe_vendor vendor = {.has_servers = false};
	if (message->header.yiaddr != 0 || !says_pxe_client(message)) {
		return false;
	}
	return !dhcp4_option(message, DHCP4_OPT_VENDOR, &value) ||
	    (pxe_vendor_decode(value.p, value.left, &vendor) == 0 &&
		!vendor.has_servers && !vendor.has_menu && !vendor.has_prompt);
}

bool
machines_shared(struct machines *machines, struct dhcp4 *message)
{
	if (!is_as_we_write(message)) {
		return false;
	}
	struct machine *machine = addressee(machines, message);
	if (machine != NULL) {
		note_come(machine);
	}
	return true;
}

unsigned
machines_overheard(struct machines *machines, struct dhcp4 *message, uint32_t source,
    bool own, uint64_t now_ms, struct found ret[static MACHINES_FOUND_MAX])
{
	struct machine *machine = addressee(machines, message);
	unsigned count = 0;
	if (machine == NULL) {
		return 0;
	}
	uint32_t server = sender_of(message, source);
	bool is_pxe = says_pxe_client(message);
	roster_heard(machines->roster, machine, now_ms);
	if (message->header.yiaddr == 0) {
		if (is_pxe) {
			ret[count++] = found_of(machine, EVENT_OTHER_PROXY, server);
		}
		return count;
	}
	if (message->header.xid == machine->boot.xid) {
		machine->boot.is_dhcp_offered = true;
	}
	if (is_pxe && !own) {
		ret[count++] = found_of(machine, EVENT_DHCP_OPTION_60, server);
	}
	if (names_another_boot(message, machine)) {
		ret[count++] = found_of(machine, EVENT_DHCP_BOOT_FILE, server);
	}
	if (lacks_login_list(message, machine)) {
		ret[count++] = found_of(machine, EVENT_NO_LOGIN_LIST, server);
	}
	for (unsigned i = 0; i < count; i++) {
		ret[i].client = message->header.yiaddr;
	}
	return count;
}

void
machines_tftp(struct machines *machines, uint32_t client)
{
	struct machine *machine = roster_find_addr(machines->roster, client);
	if (machine != NULL) {
		note_come(machine);
	}
}

bool
machines_sweep(struct machines *machines, uint64_t now_ms, struct found *ret)
{
	struct roster *roster = machines->roster;
	struct machine *machine = roster_awaited(roster);
	if (machine != NULL &&
	    machine->boot.awaited_ms + MACHINES_NO_SHOW_MS <= now_ms) {
		list_remove(&machine->awaited);
		machine->boot.is_judged_missing = true;
		*ret = found_of(machine, EVENT_NO_SHOW, machine->answer.meets);
		return true;
	}
	if (now_ms >= MACHINES_FORGET_MS) {
		roster_forget(roster, now_ms - MACHINES_FORGET_MS, FORGET_AT_ONCE);
	}
	return false;
}
