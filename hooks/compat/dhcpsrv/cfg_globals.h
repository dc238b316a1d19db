/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* Debian 12's kea-dev lacks dhcpsrv/cfg_globals.h, which dhcpsrv/network.h includes (Kea issue
 * 2608). This stand-in declares what network.h names, so that it compiles. Nothing here is ever
 * called or instantiated by the hook: the enumerators' values mean nothing to Kea. */

#include <boost/shared_ptr.hpp>

namespace isc
{
namespace dhcp
{

class CfgGlobals
{
      public:
	enum Index {
		VALID_LIFETIME,
		MIN_VALID_LIFETIME,
		MAX_VALID_LIFETIME,
		RENEW_TIMER,
		REBIND_TIMER,
		RESERVATIONS_GLOBAL,
		RESERVATIONS_IN_SUBNET,
		RESERVATIONS_OUT_OF_POOL,
		CALCULATE_TEE_TIMES,
		T1_PERCENT,
		T2_PERCENT,
		DDNS_SEND_UPDATES,
		DDNS_OVERRIDE_NO_UPDATE,
		DDNS_OVERRIDE_CLIENT_UPDATE,
		DDNS_REPLACE_CLIENT_NAME,
		DDNS_GENERATED_PREFIX,
		DDNS_QUALIFYING_SUFFIX,
		DDNS_UPDATE_ON_RENEW,
		DDNS_USE_CONFLICT_RESOLUTION,
		HOSTNAME_CHAR_SET,
		HOSTNAME_CHAR_REPLACEMENT,
		STORE_EXTENDED_INFO,
		CACHE_THRESHOLD,
		CACHE_MAX_AGE,
		MATCH_CLIENT_ID,
		AUTHORITATIVE,
		NEXT_SERVER,
		SERVER_HOSTNAME,
		BOOT_FILE_NAME,
		PREFERRED_LIFETIME,
		MIN_PREFERRED_LIFETIME,
		MAX_PREFERRED_LIFETIME
	};
	isc::data::ConstElementPtr get(int) const;
};

typedef boost::shared_ptr<CfgGlobals> CfgGlobalsPtr;
typedef boost::shared_ptr<const CfgGlobals> ConstCfgGlobalsPtr;

} /* namespace dhcp */
} /* namespace isc */
