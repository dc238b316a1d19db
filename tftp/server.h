/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/follow.h"
#include "db/map.h"
#include "lib/net/udp.h"
#include "tftp/catalog.h"
#include "tftp/park.h"
#include "tftp/ports.h"
#include "tftp/sticky.h"
#include "tftp/table.h"
#include "tftp/tell.h"

/* What the parts of the running responder share: serve.c owns it, session.c works in it. */
struct server {
	struct db_follow *follow;
	struct cache *cache; /* NULL while there is none */
	struct images *images;
	struct sticky *sticky;
	struct table *table;
	struct park *park;
	struct udp_outbox *outbox;
	struct tell tell;
	struct catalog_item item; /* of the request at hand */
};
