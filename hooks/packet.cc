/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/packet.h"

#include <asiolink/io_address.h>
#include <dhcp/dhcp4.h>
#include <dhcp/option.h>

#include <algorithm>
#include <vector>

using namespace isc::dhcp;

namespace
{

const size_t OPTION_HEADER = 2; /* code and length */

/* The value of an option, borrowed where the option keeps its bytes, else written out into
 * storage. Options are read where they lie: inside a callout getOption() would put a clone into
 * the packet, and an untouched reply must stay as it is. */
hook_bytes
option_value(const Pkt4 &packet, uint16_t code, OptionBuffer &storage)
{
	const auto found = packet.options_.find(code);
	if (found == packet.options_.end()) {
		return {nullptr, 0};
	}
	const Option &option = *found->second;
	const OptionBuffer &kept = option.getData();
	if (kept.empty() || kept.size() + OPTION_HEADER != option.len()) {
		storage = option.toBinary(false);
		return {storage.data(), storage.size()};
	}
	return {kept.data(), kept.size()};
}

/* Bytes that an option takes on the wire: one over 255 bytes is sent in pieces, each with
 * its own code and length (RFC 3396). */
size_t
wire_len(const Option &option)
{
	const size_t data = option.len() - OPTION_HEADER;
	const size_t pieces = data <= 255 ? 1 : (data + 254) / 255;
	return data + pieces * OPTION_HEADER;
}

void
read_hwaddr(const Pkt4 &query, hook_packet &facts)
{
	const HWAddrPtr hwaddr = query.getHWAddr();
	if (hwaddr && hwaddr->htype_ == HTYPE_ETHER &&
	    hwaddr->hwaddr_.size() == HOOK_HW_LEN) {
		facts.has_mac = true;
		std::copy(hwaddr->hwaddr_.begin(), hwaddr->hwaddr_.end(), facts.mac);
	}
}

void
read_reply(const Pkt4 &reply, hook_packet &facts)
{
	facts.siaddr = reply.getSiaddr().toUint32();
	facts.has_file = reply.getFile()[0] != 0;
	for (const auto &option : reply.options_) {
		if (option.first < 256) {
			facts.option_len[option.first] = static_cast<uint16_t>(
			    facts.option_len[option.first] + wire_len(*option.second));
		}
	}
}

} /* namespace */

namespace pvsboot
{

Packet::Packet(const Pkt4 &query, const Pkt4 &reply) : facts()
{
	facts.offer = reply.getType() == DHCPOFFER;
	facts.xid = query.getTransid();
	facts.addr =
	    (query.getType() == DHCPINFORM ? query.getCiaddr() : reply.getYiaddr())
		.toUint32();
	facts.class_id = option_value(query, DHO_VENDOR_CLASS_IDENTIFIER, class_id_);
	facts.archs = option_value(query, DHO_SYSTEM, archs_);
	facts.max_message =
	    option_value(query, DHO_DHCP_MAX_MESSAGE_SIZE, max_message_);
	facts.user_class = option_value(query, DHO_USER_CLASS, user_class_);
	facts.reply_class_id =
	    option_value(reply, DHO_VENDOR_CLASS_IDENTIFIER, reply_class_id_);
	read_hwaddr(query, facts);
	read_reply(reply, facts);
}

bool
is_answerable(const Pkt4 &reply)
{
	const uint8_t type = reply.getType();
	return type == DHCPOFFER || type == DHCPACK;
}

void
apply(const hook_edit &edit, Pkt4 &reply)
{
	static const uint8_t no_sname = 0;
	std::vector<OptionPtr> added;
	for (unsigned i = 0; i < edit.add_count; i++) {
		const hook_option &from = edit.add[i];
		/* The plain class writes exact bytes; OptionString would trim a NUL. */
		added.emplace_back(new Option(Option::V4, from.code,
		    OptionBuffer(from.data, from.data + from.len)));
	}
	for (unsigned i = 0; i < edit.remove_count; i++) {
		while (reply.delOption(edit.remove[i])) {
		}
	}
	for (const OptionPtr &option : added) {
		reply.addOption(option);
	}
	reply.setSiaddr(isc::asiolink::IOAddress(edit.siaddr));
	reply.setFile(edit.file, sizeof(edit.file));
	reply.setSname(&no_sname, sizeof(no_sname));
}

} /* namespace pvsboot */
