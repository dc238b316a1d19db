/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>

/* What the hook says in Kea's log: messages.cc gives each its name, severity and text, and
 * doc/libdhcp_pvsboot.8 explains it to operators. */
enum hook_message {
	HOOK_LOADED,
	HOOK_UNLOADED,
	HOOK_INERT,
	HOOK_WRONG_PROCESS,
	HOOK_LOADED_TWICE,
	HOOK_NO_MARKER,
	HOOK_NO_EVENTS,
	HOOK_DB_OPENED,
	HOOK_MAP_UNUSABLE,
	HOOK_STATE_UNUSABLE,
	HOOK_DB_ORPHANED,
	HOOK_FAILED,
	HOOK_ALREADY_PACKED,
	HOOK_NO_FILE,
	HOOK_ANSWERED,
	HOOK_NOT_OURS,
	HOOK_MESSAGES,
};

/* Where the core's lines go; both may be called from any thread. */
struct hook_log {
	void (*say)(enum hook_message message, const char *text);
	bool (*wants)(
	    enum hook_message message); /* asked before debug lines are made */
};
