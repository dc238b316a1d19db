/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/messages.h"

#include <log/logger.h>
#include <log/macros.h>
#include <log/message_initializer.h>

/* Debian 12 has no kea-msg-compiler, so the tables it would make are written by hand. */

namespace
{

/* An identifier and its text; Kea's dictionary takes them in turn. */
#define MESSAGE(id, text) id, text

/* In the order of enum hook_message. */
const char *values[] = {
    MESSAGE("PVSBOOT_LOADED", "%1"),
    MESSAGE("PVSBOOT_UNLOADED", "the boot server's library is unloaded%1"),
    MESSAGE("PVSBOOT_INERT",
	"this library does nothing until Kea loads it again; leases are served: %1"),
    MESSAGE("PVSBOOT_WRONG_PROCESS",
	"this library serves kea-dhcp4 only and does nothing here%1"),
    MESSAGE("PVSBOOT_LOADED_TWICE",
	"the configuration lists this library twice; the first entry counts%1"),
    MESSAGE("PVSBOOT_NO_MARKER",
	"no crash marker can be written, so nothing protects from a crash loop: %1"),
    MESSAGE("PVSBOOT_NO_EVENTS", "no events will be sent to pvsboot-watch: %1"),
    MESSAGE("PVSBOOT_DB_OPENED", "in force: %1"),
    MESSAGE("PVSBOOT_MAP_UNUSABLE",
	"replies go out as Kea makes them until this is mended: %1"),
    MESSAGE("PVSBOOT_STATE_UNUSABLE",
	"all servers count as unproven until it is there: %1"),
    MESSAGE("PVSBOOT_DB_ORPHANED", "the last good one stays in force: %1"),
    MESSAGE("PVSBOOT_FAILED",
	"a reply went out as Kea made it: %1 (said once a minute, counted in "
	"pvs-status-get)"),
    MESSAGE("PVSBOOT_ALREADY_PACKED",
	"another hook library packed a reply before this one saw it; list this library "
	"before it%1"),
    MESSAGE("PVSBOOT_NO_FILE", "not answered: %1"),
    MESSAGE("PVSBOOT_ANSWERED", "%1"),
    MESSAGE("PVSBOOT_NOT_OURS", "%1"),
    nullptr,
};

#undef MESSAGE

const isc::log::MessageInitializer initializer(values);

isc::log::Logger logger("pvsboot-hooks");

isc::log::Severity
severity(hook_message message)
{
	switch (message) {
	case HOOK_INERT:
	case HOOK_WRONG_PROCESS:
	case HOOK_MAP_UNUSABLE:
	case HOOK_FAILED:
		return isc::log::ERROR;
	case HOOK_LOADED_TWICE:
	case HOOK_NO_MARKER:
	case HOOK_NO_EVENTS:
	case HOOK_DB_ORPHANED:
	case HOOK_ALREADY_PACKED:
		return isc::log::WARN;
	case HOOK_ANSWERED:
	case HOOK_NOT_OURS:
		return isc::log::DEBUG;
	default:
		return isc::log::INFO;
	}
}

} /* namespace */

namespace pvsboot
{

bool
wants(hook_message message)
{
	switch (severity(message)) {
	case isc::log::ERROR:
		return logger.isErrorEnabled();
	case isc::log::WARN:
		return logger.isWarnEnabled();
	case isc::log::DEBUG:
		return logger.isDebugEnabled(isc::log::DBGLVL_TRACE_BASIC);
	default:
		return logger.isInfoEnabled();
	}
}

void
say(hook_message message, const char *text)
{
	static_assert(sizeof(values) / sizeof(values[0]) == 2 * HOOK_MESSAGES + 1,
	    "every message has an identifier and a text");
	const char *id = values[2 * message];
	try {
		switch (severity(message)) {
		case isc::log::ERROR:
			LOG_ERROR(logger, id).arg(text);
			break;
		case isc::log::WARN:
			LOG_WARN(logger, id).arg(text);
			break;
		case isc::log::DEBUG:
			LOG_DEBUG(logger, isc::log::DBGLVL_TRACE_BASIC, id).arg(text);
			break;
		default:
			LOG_INFO(logger, id).arg(text);
			break;
		}
	} catch (...) {
		/* A line that cannot be written is no reason to lose a lease. */
	}
}

} /* namespace pvsboot */
