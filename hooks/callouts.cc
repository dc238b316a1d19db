/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/commands.h"
#include "hooks/core.h"
#include "hooks/messages.h"
#include "hooks/packet.h"
#include "pvsboot-config.h"
extern "C" {
#include "lib/base/err.h"
}

#include <cc/data.h>
#include <dhcpsrv/subnet.h>
#include <hooks/hooks.h>
#include <hooks/server_hooks.h>

#include <exception>
#include <string>

/* What Kea calls. Every entry point catches everything and returns 0: what goes wrong in here
 * must cost an answer, never a lease. */

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::dhcp::Pkt4Ptr;
using isc::hooks::CalloutHandle;
using isc::hooks::LibraryHandle;

namespace
{

/* Written by load() and unload() alone, while no packet is on its way; NULL when there is
 * nothing to do. Where dlclose() keeps a library, these survive: unload() resets them. */
hook_core *core;
unsigned loads;

#if KEA_HOOKS_VERSION_NUMBER >= 20705
using SubnetPtr = boost::shared_ptr<const isc::dhcp::Subnet4>;
#else
using SubnetPtr = isc::dhcp::Subnet4Ptr;
#endif

const char *const SUBNET_ID =
    "subnet-id"; /* in this library's own context of a packet */

/* Kea's own libraries compare the process's name. This is what they mean by it: only
 * kea-dhcp4 has this hook point. */
bool
serves_dhcp4()
{
	return isc::hooks::ServerHooks::getServerHooks().findIndex("pkt4_send") >= 0;
}

hook_value
value_of(const Element &element, std::string &text)
{
	hook_value value = {HOOK_OTHER, nullptr, false};
	if (element.getType() == Element::string) {
		text = element.stringValue();
		value.type = HOOK_TEXT;
		value.text = text.c_str();
	} else if (element.getType() == Element::boolean) {
		value.type = HOOK_FLAG;
		value.flag = element.boolValue();
	}
	return value;
}

/* Reads the parameters; a sentence about the first wrong one, or "". */
std::string
read_params(LibraryHandle &handle, hook_params &params)
{
	hook_params_default(&params);
	const ConstElementPtr given = handle.getParameters();
	if (!given) {
		return "";
	}
	if (given->getType() != Element::map) {
		return "parameters must be a map";
	}
	for (const auto &param : given->mapValue()) {
		char fault[HOOK_FAULT_MAX];
		std::string text;
		const hook_value value = value_of(*param.second, text);
		if (hook_params_set(&params, param.first.c_str(), &value, fault,
			sizeof(fault)) != 0) {
			return fault;
		}
	}
	return "";
}

/* Runs a callout's work with the core, unless there is nothing to do. */
template <typename Work>
int
guarded(Work work)
{
	if (core == nullptr || hook_core_is_inert(core)) {
		return 0;
	}
	try {
		work();
	} catch (const std::exception &error) {
		hook_core_exception(core, error.what());
	} catch (...) {
		hook_core_exception(core, "an exception of unknown kind");
	}
	return 0;
}

/* Notes the subnet that the packet is in by now: in a shared network the allocation may pick
 * another than subnet4_select saw. */
int
note_subnet(CalloutHandle &handle)
{
	return guarded([&handle]() {
		SubnetPtr subnet;
		handle.getArgument("subnet4", subnet);
		if (subnet) {
			handle.setContext(SUBNET_ID, uint32_t{subnet->getID()});
		}
	});
}

bool
noted_subnet(CalloutHandle &handle, uint32_t &id)
{
	try {
		handle.getContext(SUBNET_ID, id);
		return true;
	} catch (const isc::hooks::NoSuchCalloutContext &) {
		return false;
	}
}

/* The subnet of the reply. pkt4_send has it from Kea 2.5.6 on, but not for INFORM. */
bool
find_subnet(CalloutHandle &handle, uint32_t &id)
{
#if KEA_HOOKS_VERSION_NUMBER >= 20506
	SubnetPtr subnet;
	handle.getArgument("subnet4", subnet);
	if (subnet) {
		id = subnet->getID();
		return true;
	}
#endif
	return noted_subnet(handle, id);
}

void
answer(CalloutHandle &handle)
{
	if (handle.getStatus() == CalloutHandle::NEXT_STEP_DROP) {
		return;
	}
	Pkt4Ptr query, reply;
	handle.getArgument("query4", query);
	handle.getArgument("response4", reply);
	if (!query || !reply) {
		return;
	}
	/* Kea's bootp library takes option 53 away as it packs, so this comes first. */
	if (handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP) {
		hook_core_already_packed(core);
		return;
	}
	if (!pvsboot::is_answerable(*reply)) {
		return;
	}
	if (query->inClass("PVSBOOT_SKIP")) {
		hook_core_skipped(core);
		return;
	}
	pvsboot::Packet packet(*query, *reply);
	packet.facts.bootp = query->inClass("BOOTP");
	packet.facts.has_subnet_id = find_subnet(handle, packet.facts.subnet_id);
	hook_edit edit;
	if (hook_core_answer(core, &packet.facts, &edit)) {
		pvsboot::apply(edit, *reply);
	}
}

int
pvs_explain(CalloutHandle &handle)
{
	pvsboot::explain(handle, core);
	return 0;
}

int
pvs_status_get(CalloutHandle &handle)
{
	pvsboot::status_get(handle, core);
	return 0;
}

void
start(LibraryHandle &handle)
{
	static const hook_log log = {pvsboot::say, pvsboot::wants};
	hook_params params;
	const std::string fault = read_params(handle, params);
	handle.registerCommandCallout("pvs-explain", pvs_explain);
	handle.registerCommandCallout("pvs-status-get", pvs_status_get);
	const int err = hook_core_new(
	    &params, fault.empty() ? nullptr : fault.c_str(), &log, &core);
	if (err != 0) {
		core = nullptr;
		pvsboot::say(HOOK_INERT, err_str(err));
	}
}

} /* namespace */

#define ENTRY_POINT extern "C" __attribute__((visibility("default")))

ENTRY_POINT int
version()
{
	return KEA_HOOKS_VERSION;
}

ENTRY_POINT int
multi_threading_compatible()
{
	return 1;
}

/* Returns 0 whatever happens: Kea stops serving DHCP when a library fails to load. */
ENTRY_POINT int
load(LibraryHandle &handle)
{
	/* Listed twice, this is one library with one set of statics: the first counts. */
	const bool first = loads++ == 0;
	try {
		if (!serves_dhcp4()) {
			pvsboot::say(HOOK_WRONG_PROCESS, "");
		} else if (first) {
			start(handle);
		} else {
			/* Kea would call us for each entry. */
			handle.deregisterAllCallouts("pkt4_send");
			pvsboot::say(HOOK_LOADED_TWICE, "");
		}
	} catch (const std::exception &error) {
		pvsboot::say(HOOK_INERT, error.what());
	} catch (...) {
		pvsboot::say(HOOK_INERT, "an exception of unknown kind");
	}
	return 0;
}

ENTRY_POINT int
unload()
{
	if (loads > 0 && --loads == 0) {
		hook_core_free(core);
		core = nullptr;
		pvsboot::say(HOOK_UNLOADED, "");
	}
	return 0;
}

ENTRY_POINT int
subnet4_select(CalloutHandle &handle)
{
	return note_subnet(handle);
}

#if KEA_HOOKS_VERSION_NUMBER < 20506
ENTRY_POINT int
lease4_select(CalloutHandle &handle)
{
	return note_subnet(handle);
}

ENTRY_POINT int
lease4_renew(CalloutHandle &handle)
{
	return note_subnet(handle);
}
#endif

ENTRY_POINT int
pkt4_send(CalloutHandle &handle)
{
	return guarded([&handle]() { answer(handle); });
}
