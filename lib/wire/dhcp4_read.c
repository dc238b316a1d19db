/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"

/* Values of option 52 (RFC 2132 section 9.3). */
enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2, OVERLOAD_BOTH = 3 };

/* Sizes that RFC 2132 and RFC 4578 prescribe: min bytes, then any number of steps more. Text
 * that nobody here reads is left out: servers send it empty. */
static const struct {
	uint8_t code, min, step;
} sizes[] = {
    {1, 4, 0},  /* subnet mask */
    {2, 4, 0},  /* time offset */
    {3, 4, 4},  /* routers */
    {4, 4, 4},  /* time servers */
    {5, 4, 4},  /* name servers */
    {6, 4, 4},  /* DNS servers */
    {7, 4, 4},  /* log servers */
    {8, 4, 4},  /* cookie servers */
    {9, 4, 4},  /* LPR servers */
    {10, 4, 4}, /* Impress servers */
    {12, 1, 1}, /* host name */
    {13, 2, 0}, /* boot file size */
    {16, 4, 0}, /* swap server */
    {19, 1, 0}, /* IP forwarding */
    {20, 1, 0}, /* non-local source routing */
    {21, 8, 8}, /* policy filter */
    {22, 2, 0}, /* maximum datagram reassembly */
    {23, 1, 0}, /* default TTL */
    {24, 4, 0}, /* path MTU aging timeout */
    {25, 2, 2}, /* path MTU plateaus */
    {26, 2, 0}, /* interface MTU */
    {27, 1, 0}, /* all subnets are local */
    {28, 4, 0}, /* broadcast address */
    {29, 1, 0}, /* mask discovery */
    {30, 1, 0}, /* mask supplier */
    {31, 1, 0}, /* router discovery */
    {32, 4, 0}, /* router solicitation address */
    {33, 8, 8}, /* static routes */
    {41, 4, 4}, /* NIS servers */
    {42, 4, 4}, /* NTP servers */
    {51, 4, 0}, /* lease time */
    {55, 1, 1}, /* parameter list */
    {58, 4, 0}, /* renewal time */
    {59, 4, 0}, /* rebinding time */
    {61, 2, 1}, /* client identifier */
    {94, 3, 0}, /* network interface (UNDI) */
    {DHCP4_OPT_RESOURCE_LOCATION, 4, 4},
    {DHCP4_OPT_REQUESTED_ADDRESS, 4, 0},
    {DHCP4_OPT_OVERLOAD, 1, 0},
    {DHCP4_OPT_MESSAGE_TYPE, 1, 0},
    {DHCP4_OPT_SERVER_ID, 4, 0},
    {DHCP4_OPT_MAX_MESSAGE, 2, 0},
    {DHCP4_OPT_CLASS_ID, 1, 1},
    {DHCP4_OPT_CLIENT_ARCH, 2, 2},
    {DHCP4_OPT_CLIENT_UUID, 17, 0},
};

/* The next option, past pads. False at END; also where the bytes end without one, which leaves
 * ERR_SHORT in area. */
static bool
option_next(struct rd *area, uint8_t *ret_code, struct rd *ret_value)
{
	uint8_t code;
	do {
		code = rd_u8(area);
	} while (code == DHCP4_OPT_PAD && area->err == 0);
	if (area->err != 0 || code == DHCP4_OPT_END) {
		return false;
	}
	*ret_code = code;
	*ret_value = rd_sub(area, rd_u8(area));
	return area->err == 0;
}

/* Adds a field that holds options to the message's, and notes where each stands. */
static int
area_add(struct dhcp4 *message, struct rd area)
{
	uint8_t code;
	struct rd value;
	message->areas[message->area_count++] = area;
	while (option_next(&area, &code, &value)) {
		if (message->parts[code] == 0) {
			message->parts[code] = 1;
			message->first[code] = value;
			message->lens[code] = value.left;
		} else {
			message->parts[code] = 2;
			message->lens[code] += value.left;
		}
	}
	return area.err;
}

/* The fields that option 52 names. RFC 3396 section 5 joins them in this order. */
static int
overloaded_add(struct dhcp4 *message)
{
	uint8_t fields;
	int ret = 0;
	if (!dhcp4_option_u8(message, DHCP4_OPT_OVERLOAD, &fields) ||
	    fields < OVERLOAD_FILE || fields > OVERLOAD_BOTH) {
		return ERR_MALFORMED;
	}
	if ((fields & OVERLOAD_FILE) != 0) {
		ret = area_add(message, message->file);
		message->file = rd_init(NULL, 0);
	}
	if (ret == 0 && (fields & OVERLOAD_SNAME) != 0) {
		ret = area_add(message, message->sname);
		message->sname = rd_init(NULL, 0);
	}
	return ret;
}

static bool
size_fits(size_t len, size_t min, size_t step)
{
	return len == min || (len > min && step > 0 && (len - min) % step == 0);
}

/* All parts of an option one after another. */
static void
join(const struct dhcp4 *message, uint8_t code, struct wr *w)
{
	for (unsigned i = 0; i < message->area_count; i++) {
		struct rd area = message->areas[i];
		uint8_t found;
		struct rd value;
		while (option_next(&area, &found, &value)) {
			if (found == code) {
				wr_bytes(w, value.p, value.left);
			}
		}
	}
}

static int
sizes_check(const struct dhcp4 *message)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t code = sizes[i].code;
		if (message->parts[code] > 0 &&
		    !size_fits(message->lens[code], sizes[i].min, sizes[i].step)) {
			return ERR_MALFORMED;
		}
	}
	return 0;
}

static void
header_decode(struct rd *r, struct dhcp4_header *ret)
{
	ret->op = rd_u8(r);
	ret->htype = rd_u8(r);
	ret->hlen = rd_u8(r);
	ret->hops = rd_u8(r);
	ret->xid = rd_be32(r);
	ret->secs = rd_be16(r);
	ret->flags = rd_be16(r);
	ret->ciaddr = rd_be32(r);
	ret->yiaddr = rd_be32(r);
	ret->siaddr = rd_be32(r);
	ret->giaddr = rd_be32(r);
	rd_bytes(r, ret->chaddr, sizeof(ret->chaddr));
	if (ret->hlen > sizeof(ret->chaddr)) {
		rd_fail(r, ERR_MALFORMED);
	}
}

int
dhcp4_decode(const void *bytes, size_t len, struct dhcp4 *ret)
{
	struct rd r = rd_init(bytes, len);
	header_decode(&r, &ret->header);
	ret->sname = rd_sub(&r, DHCP4_SNAME_LEN);
	ret->file = rd_sub(&r, DHCP4_FILE_LEN);
	if (rd_be32(&r) != DHCP4_COOKIE) {
		rd_fail(&r, ERR_MALFORMED);
	}
	ret->area_count = 0;
	memset(ret->parts, 0, sizeof(ret->parts));
	int err = area_add(ret, r);
	if (err == 0 && ret->parts[DHCP4_OPT_OVERLOAD] > 0) {
		err = overloaded_add(ret);
	}
	return err != 0 ? err : sizes_check(ret);
}

bool
dhcp4_option(struct dhcp4 *message, uint8_t code, struct rd *ret)
{
	*ret = rd_init(NULL, 0);
	if (message->parts[code] == 0) {
		return false;
	}
	if (message->parts[code] == 1) {
		*ret = message->first[code];
		return true;
	}
	if (message->lens[code] > sizeof(message->joined)) {
		return false;
	}
	struct wr joined = wr_init(message->joined, sizeof(message->joined));
	join(message, code, &joined);
	*ret = rd_init(message->joined, message->lens[code]);
	return true;
}

bool
dhcp4_option_u8(struct dhcp4 *message, uint8_t code, uint8_t *ret)
{
	struct rd value;
	if (!dhcp4_option(message, code, &value) || value.left != 1) {
		return false;
	}
	*ret = rd_u8(&value);
	return true;
}

bool
dhcp4_option_be16(struct dhcp4 *message, uint8_t code, uint16_t *ret)
{
	struct rd value;
	if (!dhcp4_option(message, code, &value) || value.left != 2) {
		return false;
	}
	*ret = rd_be16(&value);
	return true;
}

bool
dhcp4_option_be32(struct dhcp4 *message, uint8_t code, uint32_t *ret)
{
	struct rd value;
	if (!dhcp4_option(message, code, &value) || value.left != 4) {
		return false;
	}
	*ret = rd_be32(&value);
	return true;
}

struct rd
dhcp4_file(const struct dhcp4 *message)
{
	return rd_until_nul(message->file);
}
