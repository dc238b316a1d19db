/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/findings.h"

/* What was told within FINDINGS_AGAIN_MS never falls out of the ring: in that time no more is
 * told than what was saved up and what comes anew. */
_Static_assert(FINDINGS_SAVED + FINDINGS_AGAIN_MS / FINDINGS_EACH_MS < FINDINGS_TOLD,
    "the ring holds all that must not be told again");

static const char *const remedies[EVENT_FINDINGS] = {
    [EVENT_OTHER_PROXY] = "stop the other service, or leave it these scopes: 'none'",
    [EVENT_DHCP_OPTION_60] = "remove option 60 from the DHCP server's scope",
    [EVENT_DHCP_BOOT_FILE] =
	"remove next-server, 66 and 67 from the DHCP server's scope",
    [EVENT_NO_LOGIN_LIST] = "set option 11 or 17 in the DHCP server's scope",
    [EVENT_OFFER_REFUSED] =
	"see that DHCP offers an address, then try another pxe.offer",
    [EVENT_NO_SHOW] = "see that UDP 4011 and 69 of this host are reached from there",
};

static bool
told_lately(
    const struct findings_kind *kind, const struct found *found, uint64_t now_ms)
{
	for (unsigned i = 0; i < FINDINGS_TOLD; i++) {
		const struct findings_told *told = &kind->told[i];
		if (told->until_ms > now_ms && told->server == found->server &&
		    mac_equal(&told->mac, &found->mac)) {
			return true;
		}
	}
	return false;
}

/* Takes one of those saved up, if there is one. */
static bool
take(struct findings_kind *kind, uint64_t now_ms)
{
	uint64_t full_ms = kind->full_ms > now_ms ? kind->full_ms : now_ms;
	if (full_ms - now_ms > (FINDINGS_SAVED - 1) * FINDINGS_EACH_MS) {
		return false;
	}
	kind->full_ms = full_ms + FINDINGS_EACH_MS;
	return true;
}

bool
findings_pass(struct findings *findings, const struct found *found, uint64_t now_ms,
    uint64_t *ret_withheld)
{
	struct findings_kind *kind = &findings->kinds[found->finding];
	if (told_lately(kind, found, now_ms) || !take(kind, now_ms)) {
		kind->withheld++;
		return false;
	}
	kind->told[kind->next] = (struct findings_told){.mac = found->mac,
	    .server = found->server,
	    .until_ms = now_ms + FINDINGS_AGAIN_MS};
	kind->next = (kind->next + 1) % FINDINGS_TOLD;
	*ret_withheld = kind->withheld;
	kind->withheld = 0;
	return true;
}

const char *
findings_remedy(enum event_finding finding)
{
	return remedies[finding];
}
