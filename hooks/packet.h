/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/core.h"

#include <dhcp/pkt4.h>

namespace pvsboot
{

/* A query and its reply as the core reads them. The facts borrow from the packets and from
 * the values, so this is not copied. */
class Packet
{
      public:
	Packet(const isc::dhcp::Pkt4 &query, const isc::dhcp::Pkt4 &reply);
	Packet(const Packet &) = delete;
	Packet &operator=(const Packet &) = delete;

	hook_packet facts;

      private:
	isc::dhcp::OptionBuffer class_id_;
	isc::dhcp::OptionBuffer archs_;
	isc::dhcp::OptionBuffer max_message_;
	isc::dhcp::OptionBuffer user_class_;
	isc::dhcp::OptionBuffer reply_class_id_;
};

/* True for an OFFER or an ACK, which BOOTP replies are here as well. */
bool is_answerable(const isc::dhcp::Pkt4 &reply);

/* Carries out an edit: wholly, or it throws before it touched the reply. */
void apply(const hook_edit &edit, isc::dhcp::Pkt4 &reply);

} /* namespace pvsboot */
