/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/text.h"
#include "pxe-proxy/machines.h"
#include "pxe-proxy/roster.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum {
	BEGIN_MS = 3600000,
	XID = 0x11223344,
	US = 0x0a4d0002,    /* our address, as TFTP server too */
	THEM = 0x0a4d0001,  /* the DHCP server */
	OTHER = 0x0a4d0063, /* some other */
	CLIENT = 0x0a4d0064,
	STEPS_MAX = 8,
	MESSAGE_MAX = 1024,
};

static const struct mac asking = {{0x52, 0x54, 0, 0, 0, 1}};

static struct machines *machines;

static void
begin(void)
{
	ck_assert_int_eq(machines_new(&machines), 0);
}

static void
end(void)
{
	machines_free(machines);
}

/* How the machine is answered, in all steps of a script. */
struct setting {
	uint16_t arch;
	enum db_offer offer;
	bool has_login;
	bool has_root_path;
	bool shadow;
	bool sees_tftp;
};

static const struct setting edk2 = {
    .arch = 7, .offer = DB_OFFER_REDIRECT, .has_login = true};
static const struct setting edk2_root_path = {
    .arch = 7, .offer = DB_OFFER_REDIRECT, .has_root_path = true};
static const struct setting edk2_no_list = {.arch = 7, .offer = DB_OFFER_REDIRECT};
static const struct setting edk2_shadow = {
    .arch = 7, .offer = DB_OFFER_REDIRECT, .has_login = true, .shadow = true};
static const struct setting bios = {.arch = 0, .offer = DB_OFFER_DIRECT};
static const struct setting bios_sees_tftp = {
    .arch = 0, .offer = DB_OFFER_DIRECT, .has_login = true, .sees_tftp = true};

enum act {
	NOTHING, /* ends a script */
	ANSWER,  /* we answer its DISCOVER */
	ANSWER_4011,
	REQUEST,
	SERVER, /* a server's message is overheard */
	PEER,   /* one of another boot server of the map */
	RRQ,
	SWEEP,
};

/* What a server says; zeroes are absent. */
struct says {
	uint8_t type; /* 0: OFFER; NO_TYPE: none */
	uint32_t yiaddr, siaddr, server_id;
	bool own;
	const char *class_id, *file, *option_66, *option_67, *option_11, *option_17;
	const char *option_43;
};
enum { NO_TYPE = 255 };

struct step {
	uint32_t at_ms;
	enum act act;
	uint32_t xid; /* 0: XID */
	struct says says;
	unsigned found; /* a bit for each finding */
};

#define FOUND(finding) (1u << EVENT_##finding)

struct script {
	const char *name;
	const struct setting *setting;
	struct step steps[STEPS_MAX];
};

static size_t
server_write(
    const struct mac *mac, const struct step *step, uint8_t dst[static MESSAGE_MAX])
{
	const struct says *says = &step->says;
	struct wr w = wr_init(dst, MESSAGE_MAX);
	struct dhcp4_header header = {.op = DHCP4_BOOTREPLY,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .xid = step->xid != 0 ? step->xid : XID,
	    .yiaddr = says->yiaddr,
	    .siaddr = says->siaddr};
	const struct {
		uint8_t code;
		const char *text;
	} texts[] = {{DHCP4_OPT_CLASS_ID, says->class_id},
	    {DHCP4_OPT_TFTP_SERVER, says->option_66},
	    {DHCP4_OPT_BOOT_FILE, says->option_67},
	    {DHCP4_OPT_RESOURCE_LOCATION, says->option_11},
	    {DHCP4_OPT_ROOT_PATH, says->option_17},
	    {DHCP4_OPT_VENDOR, says->option_43}};
	memcpy(header.chaddr, mac->b, MAC_LEN);
	dhcp4_put_header(&w, &header, says->file);
	if (says->type != NO_TYPE) {
		dhcp4_put_u8(&w, DHCP4_OPT_MESSAGE_TYPE,
		    says->type != 0 ? says->type : DHCP4_OFFER);
	}
	if (says->server_id != 0) {
		dhcp4_put_be32(&w, DHCP4_OPT_SERVER_ID, says->server_id);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text != NULL) {
			dhcp4_put_option(
			    &w, texts[i].code, texts[i].text, strlen(texts[i].text));
		}
	}
	dhcp4_put_end(&w, dst);
	ck_assert_int_eq(w.err, 0);
	return wr_len(&w, dst);
}

static unsigned
overhear(const struct mac *mac, const struct step *step, uint64_t now_ms,
    struct found ret[static MACHINES_FOUND_MAX])
{
	uint8_t bytes[MESSAGE_MAX];
	struct dhcp4 message;
	size_t len = server_write(mac, step, bytes);
	ck_assert_int_eq(dhcp4_decode(bytes, len, &message), 0);
	return machines_overheard(
	    machines, &message, THEM, step->says.own, now_ms, ret);
}

static unsigned
overhear_peer(const struct step *step, uint64_t now_ms,
    struct found ret[static MACHINES_FOUND_MAX])
{
	uint8_t bytes[MESSAGE_MAX];
	struct dhcp4 message;
	size_t len = server_write(&asking, step, bytes);
	ck_assert_int_eq(dhcp4_decode(bytes, len, &message), 0);
	return machines_shared(machines, &message)
	    ? 0
	    : machines_overheard(machines, &message, OTHER, false, now_ms, ret);
}

static struct exchange
exchange_of(const struct mac *mac, const struct setting *setting,
    enum request_door door, uint32_t xid)
{
	struct exchange exchange = {.is_read = true};
	exchange.request.door = door;
	exchange.request.facts.mac = *mac;
	exchange.request.header.xid = xid;
	exchange.request.from = US;
	exchange.request.client = door == REQUEST_PXE ? CLIENT : 0;
	exchange.answer.arch = setting->arch;
	exchange.answer.offer = setting->offer;
	exchange.answer.login_count = setting->has_login ? 2 : 0;
	exchange.answer.server = US;
	(void)text_copy(exchange.answer.root_path, sizeof(exchange.answer.root_path),
	    setting->has_root_path ? "pvs:[farm.example.org]:17:6910" : "");
	(void)text_copy(exchange.answer.farm, sizeof(exchange.answer.farm), "east");
	(void)text_copy(
	    exchange.answer.file, sizeof(exchange.answer.file), "east/pvsnbpx64.efi");
	return exchange;
}

static bool
answer(const struct mac *mac, const struct setting *setting, enum request_door door,
    uint32_t xid, uint64_t now_ms, struct found *ret)
{
	struct exchange exchange =
	    exchange_of(mac, setting, door, xid != 0 ? xid : XID);
	return machines_answered(
	    machines, &exchange, setting->shadow, setting->sees_tftp, now_ms, ret);
}

static bool
request_in(uint32_t xid, const struct mac *mac, uint32_t addr, uint64_t now_ms,
    uint32_t *ret_addr)
{
	struct request said = {.door = REQUEST_DHCP, .type = DHCP4_REQUEST};
	said.facts.mac = *mac;
	said.header.xid = xid;
	said.client = addr;
	return machines_request(machines, &said, now_ms, ret_addr);
}

static bool
request(const struct mac *mac, uint32_t addr, uint64_t now_ms, uint32_t *ret_addr)
{
	return request_in(XID, mac, addr, now_ms, ret_addr);
}

static unsigned
sweep(uint64_t now_ms, struct found ret[static MACHINES_FOUND_MAX])
{
	unsigned count = 0;
	while (machines_sweep(machines, now_ms, &ret[count])) {
		ck_assert_uint_lt(++count, MACHINES_FOUND_MAX);
	}
	return count;
}

/* Does one step and returns how many findings it brought. */
static unsigned
act(const struct setting *setting, const struct step *step,
    struct found ret[static MACHINES_FOUND_MAX])
{
	uint64_t now_ms = BEGIN_MS + step->at_ms;
	uint32_t addr;
	switch (step->act) {
	case ANSWER:
		return answer(&asking, setting, REQUEST_DHCP, step->xid, now_ms, ret);
	case ANSWER_4011:
		return answer(&asking, setting, REQUEST_PXE, step->xid, now_ms, ret);
	case REQUEST:
		(void)request(&asking, CLIENT, now_ms, &addr);
		return 0;
	case SERVER:
		return overhear(&asking, step, now_ms, ret);
	case PEER:
		return overhear_peer(step, now_ms, ret);
	case RRQ:
		machines_tftp(machines, CLIENT);
		return 0;
	case SWEEP:
		return sweep(now_ms, ret);
	case NOTHING:
		break;
	}
	return 0;
}

/* An OFFER that gives an address and the login list, and nothing that is ours to say. */
#define PLAIN .yiaddr = CLIENT, .server_id = THEM, .option_11 = "\1\2\3\4"

/* A step: when, what, and what else is to be said of it. */
#define AT(ms, ...)                                                                    \
	{                                                                              \
		.at_ms = (ms), .act = __VA_ARGS__                                      \
	}

static const struct script scripts[] = {
    /* 1: another proxy */
    {"a proxy's OFFER", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER},
		.found = FOUND(OTHER_PROXY))}},
    {"its ACK, its class longer, no server id", &bios,
	{AT(0, ANSWER),
	    AT(1, SERVER,
		.says = {.type = DHCP4_ACK,
		    .class_id = "PXEClient:Arch:00000",
		    .siaddr = OTHER},
		.found = FOUND(OTHER_PROXY))}},
    {"it is seen in shadow mode", &edk2_shadow,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER},
		.found = FOUND(OTHER_PROXY))}},
    {"even on our own address", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER,
		.says = {.class_id = "PXEClient", .server_id = OTHER, .own = true},
		.found = FOUND(OTHER_PROXY))}},
    {"an HTTP boot service is no PXE service", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.class_id = "HTTPClient", .server_id = OTHER})}},
    {"an answer without a class", &edk2,
	{AT(0, ANSWER), AT(1, SERVER, .says = {.server_id = OTHER, .file = "x"})}},
    {"a NAK is neither OFFER nor ACK", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER,
		.says = {.type = DHCP4_NAK,
		    .class_id = "PXEClient",
		    .server_id = OTHER})}},
    {"nor is a BOOTP reply", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.type = NO_TYPE, .class_id = "PXEClient"})}},
    {"a machine that was not answered is none of ours", &edk2,
	{AT(0, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER}),
	    AT(1, REQUEST),
	    AT(2, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER}),
	    AT(3, SERVER, .says = {.yiaddr = CLIENT, .class_id = "PXEClient"})}},
    {"one known from port 4011 alone is ours", &edk2,
	{AT(0, ANSWER_4011),
	    AT(1, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER},
		.found = FOUND(OTHER_PROXY))}},
    {"after two minutes of silence it is forgotten", &edk2,
	{AT(0, ANSWER), AT(MACHINES_FORGET_MS, SWEEP),
	    AT(MACHINES_FORGET_MS, SERVER,
		.says = {.class_id = "PXEClient", .server_id = OTHER},
		.found = FOUND(OTHER_PROXY)),
	    AT(2 * MACHINES_FORGET_MS + 1, SWEEP),
	    AT(2 * MACHINES_FORGET_MS + 1, SERVER,
		.says = {.class_id = "PXEClient", .server_id = OTHER})}},

    /* 2: DHCP's option 60 */
    {"a DHCP server's option 60", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {PLAIN, .class_id = "PXEClient"},
		.found = FOUND(DHCP_OPTION_60)),
	    AT(2, SERVER,
		.says = {PLAIN, .type = DHCP4_ACK, .class_id = "PXEClient:Arch:00007"},
		.found = FOUND(DHCP_OPTION_60))}},
    {"on our own address it leads to our port 4011", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {PLAIN, .class_id = "PXEClient", .own = true})}},
    {"another class hides nothing", &edk2,
	{AT(0, ANSWER), AT(1, SERVER, .says = {PLAIN, .class_id = "MSFT 5.0"}),
	    AT(1, SERVER, .says = {PLAIN, .class_id = "PXEClien"})}},
    {"the old recipe of 60, 66 and 67", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER,
		.says = {.yiaddr = CLIENT,
		    .server_id = THEM,
		    .class_id = "PXEClient",
		    .option_66 = "10.77.0.99",
		    .option_67 = "boot.efi"},
		.found = FOUND(DHCP_OPTION_60) | FOUND(DHCP_BOOT_FILE) |
		    FOUND(NO_LOGIN_LIST))}},

    /* 3: DHCP's boot file */
    {"siaddr and the file field", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {PLAIN, .siaddr = OTHER, .file = "pxelinux.0"},
		.found = FOUND(DHCP_BOOT_FILE)),
	    AT(2, SERVER, .says = {PLAIN, .siaddr = OTHER, .option_67 = "pxelinux.0"},
		.found = FOUND(DHCP_BOOT_FILE)),
	    AT(3, SERVER,
		.says = {PLAIN, .option_66 = "tftp.example.org", .file = "pxelinux.0"},
		.found = FOUND(DHCP_BOOT_FILE)),
	    AT(4, SERVER,
		.says = {PLAIN, .type = DHCP4_ACK, .siaddr = OTHER,
		    .file = "east/pvsnbpx64.efi"},
		.found = FOUND(DHCP_BOOT_FILE)),
	    AT(5, SERVER, .says = {PLAIN, .siaddr = US, .file = "east/pvsnbpx64.efj"},
		.found = FOUND(DHCP_BOOT_FILE))}},
    {"a server without a file, as many servers say", &edk2,
	{AT(0, ANSWER), AT(1, SERVER, .says = {PLAIN, .siaddr = THEM}),
	    AT(2, SERVER, .says = {PLAIN, .option_66 = "10.77.0.99"}),
	    AT(3, SERVER, .says = {PLAIN, .siaddr = THEM, .option_67 = ""})}},
    {"a file without a server", &edk2,
	{AT(0, ANSWER), AT(1, SERVER, .says = {PLAIN, .file = "pxelinux.0"}),
	    AT(2, SERVER, .says = {PLAIN, .option_67 = "pxelinux.0"})}},
    {"our own answer from another mouth", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {PLAIN, .siaddr = US, .file = "east/pvsnbpx64.efi"}),
	    AT(2, SERVER,
		.says = {PLAIN, .siaddr = US, .option_66 = "10.77.0.2",
		    .file = "east/pvsnbpx64.efi", .option_67 = "east/pvsnbpx64.efi"}),
	    AT(3, SERVER,
		.says = {PLAIN, .option_66 = "10.77.0.2",
		    .option_67 = "east/pvsnbpx64.efi"})}},
    {"half of our own answer", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER,
		.says = {PLAIN, .siaddr = US, .file = "east/pvsnbpx64.efi",
		    .option_67 = "other.efi"},
		.found = FOUND(DHCP_BOOT_FILE)),
	    AT(2, SERVER,
		.says = {PLAIN, .option_66 = "10.77.0.20",
		    .option_67 = "east/pvsnbpx64.efi"},
		.found = FOUND(DHCP_BOOT_FILE))}},

    /* 4: the login list */
    {"an OFFER and an ACK without a login list", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.yiaddr = CLIENT, .server_id = THEM},
		.found = FOUND(NO_LOGIN_LIST)),
	    AT(2, SERVER, .says = {.type = DHCP4_ACK, .yiaddr = CLIENT},
		.found = FOUND(NO_LOGIN_LIST))}},
    {"option 11 or 17 of any content will do", &edk2,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.yiaddr = CLIENT, .option_11 = "\1\2\3\4"}),
	    AT(2, SERVER, .says = {.yiaddr = CLIENT, .option_17 = "x"})}},
    {"a farm that has a name as its login list", &edk2_root_path,
	{AT(0, ANSWER),
	    AT(1, SERVER, .says = {.yiaddr = CLIENT}, .found = FOUND(NO_LOGIN_LIST))}},
    {"a farm without a login list", &edk2_no_list,
	{AT(0, ANSWER), AT(1, SERVER, .says = {.yiaddr = CLIENT})}},
    {"BIOS machines carry theirs in the bootstrap", &bios_sees_tftp,
	{AT(0, ANSWER), AT(1, SERVER, .says = {.yiaddr = CLIENT})}},

    /* 5: offers refused */
    {"gaps of 4 and 8 s with an address offered", &edk2,
	{AT(0, ANSWER), AT(10, SERVER, .says = {PLAIN}), AT(4000, ANSWER),
	    AT(4010, ANSWER), AT(12000, ANSWER, .found = FOUND(OFFER_REFUSED)),
	    AT(28000, ANSWER), AT(60000, ANSWER)}},
    {"gaps of 4, 8 and 16 s with nothing overheard", &edk2,
	{AT(0, ANSWER), AT(4000, ANSWER), AT(12000, ANSWER),
	    AT(28000, ANSWER, .found = FOUND(OFFER_REFUSED)), AT(60000, ANSWER)}},
    {"each boot by itself", &edk2,
	{AT(0, ANSWER, .xid = 5), AT(4000, ANSWER, .xid = 5),
	    AT(12000, ANSWER, .xid = 5),
	    AT(28000, ANSWER, .xid = 5, .found = FOUND(OFFER_REFUSED)),
	    AT(90000, ANSWER, .xid = 6), AT(94000, ANSWER, .xid = 6),
	    AT(102000, ANSWER, .xid = 6),
	    AT(118000, ANSWER, .xid = 6, .found = FOUND(OFFER_REFUSED))}},
    {"an OFFER to an earlier boot is not to this one", &edk2,
	{AT(0, ANSWER, .xid = 5), AT(10, SERVER, .xid = 5, .says = {PLAIN}),
	    AT(9000, ANSWER, .xid = 6), AT(9010, SERVER, .xid = 5, .says = {PLAIN}),
	    AT(13000, ANSWER, .xid = 6), AT(21000, ANSWER, .xid = 6)}},
    {"a proxy's OFFER gives no address", &edk2,
	{AT(0, ANSWER),
	    AT(10, SERVER, .says = {.class_id = "PXEClient", .server_id = OTHER},
		.found = FOUND(OTHER_PROXY)),
	    AT(4000, ANSWER), AT(12000, ANSWER)}},
    {"iPXE and a slow DHCP server", &bios,
	{AT(0, ANSWER), AT(1000, ANSWER), AT(3000, ANSWER),
	    AT(3010, SERVER, .says = {PLAIN}), AT(7000, ANSWER),
	    AT(15000, ANSWER, .xid = 6), AT(16000, ANSWER, .xid = 6)}},
    {"a REQUEST between: it took them", &edk2,
	{AT(0, ANSWER), AT(10, SERVER, .says = {PLAIN}), AT(4000, ANSWER),
	    AT(4100, REQUEST), AT(12000, ANSWER), AT(28000, SWEEP)}},
    {"even gaps are another kind of client", &edk2,
	{AT(0, ANSWER), AT(10, SERVER, .says = {PLAIN}), AT(5000, ANSWER),
	    AT(10000, ANSWER), AT(15000, ANSWER), AT(20000, ANSWER),
	    AT(25000, ANSWER)}},
    {"one DISCOVER that two relays double", &edk2,
	{AT(0, ANSWER), AT(1, ANSWER), AT(10, SERVER, .says = {PLAIN}), AT(100, ANSWER),
	    AT(4100, ANSWER), AT(4499, ANSWER)}},
    {"what was not sent cannot be refused", &edk2_shadow,
	{AT(0, ANSWER), AT(10, SERVER, .says = {PLAIN}), AT(4000, ANSWER),
	    AT(12000, ANSWER), AT(28000, ANSWER)}},

    /* 6: no show */
    {"redirected, and never seen again", &edk2,
	{AT(0, ANSWER), AT(3700, REQUEST), AT(33699, SWEEP),
	    AT(33700, SWEEP, .found = FOUND(NO_SHOW)), AT(60000, SWEEP),
	    AT(60000, REQUEST), AT(90000, SWEEP)}},
    {"it came to port 4011", &edk2,
	{AT(0, ANSWER), AT(3700, REQUEST), AT(3720, ANSWER_4011), AT(40000, SWEEP)}},
    {"it came to TFTP", &edk2,
	{AT(0, ANSWER), AT(3700, REQUEST), AT(3720, RRQ), AT(40000, SWEEP)}},
    {"it came before a REQUEST that renews", &edk2,
	{AT(0, ANSWER), AT(3700, REQUEST), AT(3720, ANSWER_4011), AT(30000, REQUEST),
	    AT(70000, SWEEP)}},
    {"direct, where TFTP is heard", &bios_sees_tftp,
	{AT(0, ANSWER), AT(1000, REQUEST), AT(31000, SWEEP, .found = FOUND(NO_SHOW))}},
    {"direct, and it came", &bios_sees_tftp,
	{AT(0, ANSWER), AT(1000, REQUEST), AT(1500, RRQ), AT(31000, SWEEP)}},
    {"direct, where TFTP is not heard", &bios,
	{AT(0, ANSWER), AT(1000, REQUEST), AT(31000, SWEEP)}},
    {"in shadow mode nobody is expected", &edk2_shadow,
	{AT(0, ANSWER), AT(1000, REQUEST), AT(31000, SWEEP)}},
    {"who took no address is not expected", &edk2, {AT(0, ANSWER), AT(31000, SWEEP)}},
    {"nor who was not answered", &edk2, {AT(0, REQUEST), AT(31000, SWEEP)}},
    {"who begins anew is not expected yet", &edk2,
	{AT(0, ANSWER, .xid = 5), AT(1000, REQUEST, .xid = 5),
	    AT(20000, ANSWER, .xid = 6), AT(31000, SWEEP), AT(32000, REQUEST, .xid = 6),
	    AT(62000, SWEEP, .found = FOUND(NO_SHOW))}},
    {"once a boot, and again in the next", &edk2,
	{AT(0, ANSWER, .xid = 5), AT(1000, REQUEST, .xid = 5),
	    AT(31000, SWEEP, .found = FOUND(NO_SHOW)), AT(32000, REQUEST, .xid = 5),
	    AT(70000, SWEEP), AT(80000, ANSWER, .xid = 6), AT(81000, REQUEST, .xid = 6),
	    AT(111000, SWEEP, .found = FOUND(NO_SHOW))}},

    /* another boot server's proxy */
    {"served by two, it may have come to the other", &edk2,
	{AT(0, ANSWER),
	    AT(1, PEER,
		.says = {.class_id = "PXEClient", .siaddr = OTHER, .server_id = OTHER}),
	    AT(3700, REQUEST), AT(40000, SWEEP), AT(50000, ANSWER, .xid = 6),
	    AT(51000, REQUEST, .xid = 6), AT(81000, SWEEP, .found = FOUND(NO_SHOW))}},
    {"the other's direct form", &bios_sees_tftp,
	{AT(0, ANSWER),
	    AT(1, PEER,
		.says = {.class_id = "PXEClient",
		    .siaddr = US,
		    .file = "east/ARDBP32.BIN",
		    .option_43 = "\6\1\10\377",
		    .server_id = OTHER}),
	    AT(1000, REQUEST), AT(31000, SWEEP)}},
    {"a menu of servers is none of ours, wherever it comes from", &bios,
	{AT(0, ANSWER),
	    AT(1, PEER,
		.says = {.class_id = "PXEClient",
		    .option_43 = "\6\1\3\12\4\377PXE\377",
		    .server_id = OTHER},
		.found = FOUND(OTHER_PROXY))}},
    {"nor is a DHCP server's OFFER", &edk2,
	{AT(0, ANSWER),
	    AT(1, PEER, .says = {PLAIN, .class_id = "PXEClient"},
		.found = FOUND(DHCP_OPTION_60)),
	    AT(3700, REQUEST), AT(33700, SWEEP, .found = FOUND(NO_SHOW))}},
};

START_TEST(a_script_brings_its_findings)
{
	const struct script *script = &scripts[_i];
	for (unsigned s = 0; s < STEPS_MAX && script->steps[s].act != NOTHING; s++) {
		struct found found[MACHINES_FOUND_MAX];
		unsigned bits = 0;
		unsigned count = act(script->setting, &script->steps[s], found);
		for (unsigned i = 0; i < count; i++) {
			bits |= 1u << found[i].finding;
			ck_assert(mac_equal(&found[i].mac, &asking));
			ck_assert_uint_eq(found[i].arch, script->setting->arch);
			ck_assert_str_eq(found[i].farm, "east");
		}
		ck_assert_msg(bits == script->steps[s].found,
		    "%s: step %u gave %#x, not %#x", script->name, s, bits,
		    script->steps[s].found);
	}
}
END_TEST

/* Who is named: option 54, else siaddr, else the source. */
START_TEST(a_finding_names_the_server_and_the_address)
{
	static const struct {
		struct says says;
		uint32_t server, client;
	} rows[] = {
	    {{.class_id = "PXEClient", .server_id = OTHER, .siaddr = US}, OTHER, 0},
	    {{.class_id = "PXEClient", .siaddr = OTHER}, OTHER, 0},
	    {{.class_id = "PXEClient"}, THEM, 0},
	    {{PLAIN, .class_id = "PXEClient"}, THEM, CLIENT},
	};
	struct found found[MACHINES_FOUND_MAX];
	ck_assert(!answer(&asking, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct step step = {.act = SERVER, .says = rows[i].says};
		ck_assert_uint_eq(overhear(&asking, &step, BEGIN_MS, found), 1);
		ck_assert_uint_eq(found[0].server, rows[i].server);
		ck_assert_uint_eq(found[0].client, rows[i].client);
	}
}
END_TEST

START_TEST(who_does_not_come_is_named_with_where_to)
{
	static const struct setting *const settings[] = {&edk2, &bios_sees_tftp};
	for (unsigned i = 0; i < 2; i++) {
		struct exchange exchange =
		    exchange_of(&asking, settings[i], REQUEST_DHCP, XID + i);
		struct found found[MACHINES_FOUND_MAX];
		uint32_t addr;
		exchange.answer.server = OTHER;
		ck_assert(!machines_answered(machines, &exchange, false,
		    settings[i]->sees_tftp, BEGIN_MS, found));
		(void)request(&asking, CLIENT, BEGIN_MS, &addr);
		ck_assert_uint_eq(sweep(BEGIN_MS + MACHINES_NO_SHOW_MS, found), 1);
		ck_assert_uint_eq(found[0].server, i == 0 ? US : OTHER);
		ck_assert_uint_eq(found[0].client, CLIENT);
	}
}
END_TEST

START_TEST(an_address_is_told_when_it_is_new)
{
	static const struct mac second = {{0x52, 0x54, 0, 0, 0, 2}};
	uint32_t addr = 77;
	ck_assert(!request(&asking, 0, BEGIN_MS, &addr));
	ck_assert_uint_eq(addr, 77);
	ck_assert(request(&asking, CLIENT, BEGIN_MS, &addr));
	ck_assert_uint_eq(addr, CLIENT);
	ck_assert(!request(&asking, CLIENT, BEGIN_MS, &addr));
	ck_assert(!request(&asking, 0, BEGIN_MS, &addr));
	ck_assert(request(&asking, CLIENT + 1, BEGIN_MS, &addr));
	ck_assert_uint_eq(addr, CLIENT + 1);
	/* one machine's address becomes another's, and back */
	ck_assert(request(&second, CLIENT + 1, BEGIN_MS, &addr));
	ck_assert(!request(&second, CLIENT + 1, BEGIN_MS, &addr));
	ck_assert(request(&asking, CLIENT + 1, BEGIN_MS, &addr));
}
END_TEST

START_TEST(an_address_is_told_once_in_each_exchange)
{
	uint32_t addr;
	for (uint32_t xid = XID; xid < XID + 3; xid++) {
		addr = 77;
		ck_assert(!request_in(xid, &asking, 0, BEGIN_MS, &addr));
		ck_assert(request_in(xid, &asking, CLIENT, BEGIN_MS, &addr));
		ck_assert_uint_eq(addr, CLIENT);
		ck_assert(!request_in(xid, &asking, CLIENT, BEGIN_MS, &addr));
	}
}
END_TEST

START_TEST(an_rrq_is_of_the_machine_that_has_the_address_now)
{
	static const struct mac second = {{0x52, 0x54, 0, 0, 0, 2}};
	struct found found[MACHINES_FOUND_MAX];
	uint32_t addr;
	(void)answer(&asking, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found);
	(void)answer(&second, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found);
	(void)request(&asking, CLIENT, BEGIN_MS, &addr);
	(void)request(&second, CLIENT, BEGIN_MS + 1, &addr);
	machines_tftp(machines, CLIENT);
	machines_tftp(machines, CLIENT + 1);
	machines_tftp(machines, 0);
	ck_assert_uint_eq(sweep(BEGIN_MS + MACHINES_NO_SHOW_MS + 1, found), 1);
	ck_assert(mac_equal(&found[0].mac, &asking));
}
END_TEST

START_TEST(an_address_that_was_given_up_is_nobodys)
{
	struct found found[MACHINES_FOUND_MAX];
	uint32_t addr;
	(void)answer(&asking, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found);
	(void)request(&asking, CLIENT, BEGIN_MS, &addr);
	(void)request(&asking, CLIENT + 1, BEGIN_MS, &addr);
	machines_tftp(machines, CLIENT);
	ck_assert_uint_eq(sweep(BEGIN_MS + MACHINES_NO_SHOW_MS, found), 1);
}
END_TEST

static struct mac
mac_of(unsigned n)
{
	return (struct mac){
	    {2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

/* As many machines of ours as there is room for, each with its address. */
static void
fill_table(void)
{
	struct found found[MACHINES_FOUND_MAX];
	uint32_t addr;
	for (unsigned n = 0; n < ROSTER_MAX; n++) {
		struct mac mac = mac_of(n);
		(void)answer(&mac, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found);
		(void)request(&mac, CLIENT + n, BEGIN_MS, &addr);
	}
}

START_TEST(who_changes_its_address_hides_nobody)
{
	struct found found[MACHINES_FOUND_MAX];
	uint32_t addr;
	fill_table();
	for (unsigned n = 0; n < ROSTER_MAX; n += 2) {
		struct mac mac = mac_of(n);
		ck_assert(request(&mac, CLIENT + ROSTER_MAX + n, BEGIN_MS, &addr));
	}
	for (unsigned n = 0; n < ROSTER_MAX; n += 2) {
		machines_tftp(machines, CLIENT + ROSTER_MAX + n);
		machines_tftp(machines, CLIENT + n + 1);
	}
	ck_assert_uint_eq(sweep(BEGIN_MS + MACHINES_NO_SHOW_MS, found), 0);
}
END_TEST

/* True when a proxy's OFFER to the machine is worth a finding. */
static bool
is_ours(unsigned n)
{
	static const struct step proxy = {
	    .act = SERVER, .says = {.class_id = "PXEClient"}};
	struct found found[MACHINES_FOUND_MAX];
	struct mac mac = mac_of(n);
	return overhear(&mac, &proxy, BEGIN_MS, found) == 1;
}

START_TEST(a_full_table_forgets_whom_it_heard_of_longest_ago)
{
	struct found found[MACHINES_FOUND_MAX];
	fill_table();
	ck_assert(is_ours(0)); /* and thereby heard of again */
	for (unsigned n = ROSTER_MAX; n < ROSTER_MAX + 100; n++) {
		struct mac mac = mac_of(n);
		(void)answer(&mac, &edk2, REQUEST_DHCP, XID, BEGIN_MS, found);
	}
	ck_assert(is_ours(0));
	for (unsigned n = 1; n <= 100; n++) {
		ck_assert(!is_ours(n));
	}
	for (unsigned n = 101; n < ROSTER_MAX + 100; n++) {
		ck_assert(is_ours(n));
	}
	/* the others are still known by their addresses, and those forgotten not awaited */
	machines_tftp(machines, CLIENT);
	for (unsigned n = 101; n < ROSTER_MAX; n++) {
		machines_tftp(machines, CLIENT + n);
	}
	ck_assert_uint_eq(sweep(BEGIN_MS + MACHINES_NO_SHOW_MS, found), 0);
}
END_TEST

START_TEST(a_storm_is_judged_and_forgotten_whole)
{
	struct found found;
	unsigned missing = 0;
	uint32_t addr;
	uint64_t now_ms = BEGIN_MS;
	for (unsigned n = 0; n < ROSTER_MAX; n++) {
		struct mac mac = mac_of(n);
		(void)answer(&mac, &edk2, REQUEST_DHCP, XID, now_ms, &found);
		(void)request(&mac, CLIENT + n, now_ms, &addr);
	}
	now_ms += MACHINES_NO_SHOW_MS;
	while (machines_sweep(machines, now_ms, &found)) {
		struct mac mac = mac_of(missing++); /* in the order of their REQUESTs */
		ck_assert(mac_equal(&found.mac, &mac));
	}
	ck_assert_uint_eq(missing, ROSTER_MAX);
	now_ms = BEGIN_MS + MACHINES_FORGET_MS;
	for (unsigned s = 0; s < 60; s++) {
		now_ms += 1000;
		ck_assert(!machines_sweep(machines, now_ms, &found));
	}
	for (unsigned n = 0; n < ROSTER_MAX; n++) {
		ck_assert(!is_ours(n));
	}
}
END_TEST

static void
overhear_bytes(const uint8_t *bytes, size_t len, void *ctx)
{
	struct found found[MACHINES_FOUND_MAX];
	struct dhcp4 message;
	(void)ctx;
	if (dhcp4_decode(bytes, len, &message) == 0) {
		ck_assert_uint_le(machines_overheard(
				      machines, &message, THEM, false, BEGIN_MS, found),
		    MACHINES_FOUND_MAX);
	}
}

START_TEST(mutilated_messages_are_judged_inside_their_bytes)
{
	static const struct step step = {.act = SERVER,
	    .says = {.yiaddr = CLIENT,
		.server_id = THEM,
		.class_id = "PXEClient",
		.file = "east/pvsnbpx64.efi",
		.option_66 = "10.77.0.2",
		.option_67 = "east/pvsnbpx64.efi",
		.option_17 = "x"}};
	uint8_t bytes[MESSAGE_MAX];
	struct found found;
	size_t len = server_write(&asking, &step, bytes);
	(void)answer(&asking, &edk2, REQUEST_DHCP, XID, BEGIN_MS, &found);
	unit_sweep(overhear_bytes, bytes, len, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("machines");
	TCase *all = tcase_create("machines");
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_loop_test(all, a_script_brings_its_findings, 0, UNIT_ROWS(scripts));
	tcase_add_test(all, a_finding_names_the_server_and_the_address);
	tcase_add_test(all, who_does_not_come_is_named_with_where_to);
	tcase_add_test(all, an_address_is_told_when_it_is_new);
	tcase_add_test(all, an_address_is_told_once_in_each_exchange);
	tcase_add_test(all, an_rrq_is_of_the_machine_that_has_the_address_now);
	tcase_add_test(all, an_address_that_was_given_up_is_nobodys);
	tcase_add_test(all, who_changes_its_address_hides_nobody);
	tcase_add_test(all, a_full_table_forgets_whom_it_heard_of_longest_ago);
	tcase_add_test(all, a_storm_is_judged_and_forgotten_whole);
	tcase_add_test(all, mutilated_messages_are_judged_inside_their_bytes);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
