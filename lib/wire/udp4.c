/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/udp4.h"

#include <stdbool.h>

enum {
	VERSION = 4,
	IP_HEADER_LEN = 20, /* without options */
	IP_CHECKSUM_AT = 10,
	UDP_HEADER_LEN = 8,
	UDP_CHECKSUM_AT = 6,
	PROTOCOL_UDP = 17,
	DONT_FRAGMENT = 0x4000,
	MORE_OR_OFFSET = 0x3fff, /* the flag MF and the fragment's offset */
	PAYLOAD_MAX = UINT16_MAX - UDP4_HEADERS_LEN,
	SUM_OF_INTACT = 0xffff, /* over bytes that include their checksum */
};
_Static_assert(UDP4_HEADERS_LEN == IP_HEADER_LEN + UDP_HEADER_LEN, "no options");

/* The ones' complement sum of RFC 1071, which 32-bit words give as well as 16-bit ones, and its
 * 16 bits. */
static uint64_t
sum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	while (r.left >= 4) {
		sum += rd_be32(&r);
	}
	if (r.left >= 2) {
		sum += rd_be16(&r);
	}
	return r.left > 0 ? sum + ((unsigned)rd_u8(&r) << 8) : sum;
}

static uint16_t
sum_fold(uint64_t sum)
{
	while (sum > UINT16_MAX) {
		sum = (sum & UINT16_MAX) + (sum >> 16);
	}
	return (uint16_t)sum;
}

/* The pseudo header of RFC 768, then UDP's own header and payload. */
static uint16_t
udp_sum(const struct udp4 *datagram, const uint8_t *udp, size_t udp_len)
{
	uint64_t sum =
	    (uint64_t)datagram->source + datagram->destination + PROTOCOL_UDP + udp_len;
	return sum_fold(sum_add(sum, udp, udp_len));
}

/* Leaves in *ret_body what the IP header is followed by, up to the total length. */
static int
ip_decode(const uint8_t *bytes, size_t len, struct udp4 *datagram, struct rd *ret_body)
{
	struct rd r = rd_init(bytes, len);
	uint8_t version_and_len = rd_u8(&r);
	size_t header_len = (size_t)(version_and_len & 0x0f) * 4;
	rd_skip(&r, 1); /* type of service */
	size_t total_len = rd_be16(&r);
	rd_skip(&r, 2); /* identification */
	uint16_t fragment = rd_be16(&r);
	rd_skip(&r, 1); /* time to live */
	uint8_t protocol = rd_u8(&r);
	rd_skip(&r, 2); /* checksum */
	datagram->source = rd_be32(&r);
	datagram->destination = rd_be32(&r);
	if (r.err != 0) {
		return r.err;
	}
	if (version_and_len >> 4 != VERSION || header_len < IP_HEADER_LEN ||
	    total_len < header_len || protocol != PROTOCOL_UDP ||
	    (fragment & MORE_OR_OFFSET) != 0) {
		return ERR_MALFORMED;
	}
	if (total_len > len) {
		return ERR_SHORT;
	}
	*ret_body = rd_init(bytes + header_len, total_len - header_len);
	return sum_fold(sum_add(0, bytes, header_len)) == SUM_OF_INTACT ? 0
									: ERR_CHECKSUM;
}

static int
udp_decode(struct rd *body, bool checksum_made, struct udp4 *datagram)
{
	const uint8_t *udp = body->p;
	size_t room = body->left;
	datagram->source_port = rd_be16(body);
	datagram->destination_port = rd_be16(body);
	size_t udp_len = rd_be16(body);
	uint16_t checksum = rd_be16(body);
	if (body->err != 0 || udp_len < UDP_HEADER_LEN || udp_len > room) {
		return ERR_MALFORMED;
	}
	datagram->len = udp_len - UDP_HEADER_LEN;
	datagram->payload = rd_take(body, datagram->len);
	bool intact = !checksum_made || checksum == 0 ||
	    udp_sum(datagram, udp, udp_len) == SUM_OF_INTACT;
	return intact ? 0 : ERR_CHECKSUM;
}

int
udp4_decode(const void *bytes, size_t len, bool checksum_made, struct udp4 *ret)
{
	struct udp4 datagram;
	struct rd body;
	int err = ip_decode(bytes, len, &datagram, &body);
	err = err != 0 ? err : udp_decode(&body, checksum_made, &datagram);
	if (err == 0) {
		*ret = datagram;
	}
	return err;
}

static void
put_be16(uint8_t *at, uint16_t value)
{
	struct wr w = wr_init(at, sizeof(value));
	wr_be16(&w, value);
}

/* 0 would mean that there is none (RFC 768). */
static uint16_t
udp_checksum(uint16_t sum)
{
	return sum == SUM_OF_INTACT ? sum : (uint16_t)~sum;
}

void
udp4_encode(struct wr *w, const struct udp4 *datagram)
{
	size_t room = datagram->len <= PAYLOAD_MAX ? UDP4_HEADERS_LEN + datagram->len
						   : SIZE_MAX; /* fits nowhere */
	uint8_t *ip = wr_take(w, room);
	if (ip == NULL) {
		return;
	}
	size_t udp_len = UDP_HEADER_LEN + datagram->len;
	uint8_t *udp = ip + IP_HEADER_LEN;
	struct wr packet = wr_init(ip, room);
	wr_u8(&packet, VERSION << 4 | IP_HEADER_LEN / 4);
	wr_u8(&packet, 0); /* type of service */
	wr_be16(&packet, (uint16_t)room);
	wr_be16(
	    &packet, 0); /* identification: none for what is not fragmented, RFC 6864 */
	wr_be16(&packet, DONT_FRAGMENT);
	wr_u8(&packet, UDP4_TTL);
	wr_u8(&packet, PROTOCOL_UDP);
	wr_be16(&packet, 0); /* checksum */
	wr_be32(&packet, datagram->source);
	wr_be32(&packet, datagram->destination);
	wr_be16(&packet, datagram->source_port);
	wr_be16(&packet, datagram->destination_port);
	wr_be16(&packet, (uint16_t)udp_len);
	wr_be16(&packet, 0); /* checksum */
	wr_bytes(&packet, datagram->payload, datagram->len);
	put_be16(
	    ip + IP_CHECKSUM_AT, (uint16_t)~sum_fold(sum_add(0, ip, IP_HEADER_LEN)));
	put_be16(udp + UDP_CHECKSUM_AT, udp_checksum(udp_sum(datagram, udp, udp_len)));
}
