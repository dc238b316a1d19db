/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/verify.h"

#include "db/codec.h"
#include "db/store.h"

struct verify {
	db_verify_visit *visit;
	void *ctx;
	uint64_t records;
};

static int
verify_record(void *ctx, struct rd key, struct rd value)
{
	struct verify *verify = ctx;
	struct rd fields;
	int err = value_open(key, value, &fields);
	if (err == 0) {
		err = codec_check(key.p[0], fields);
	}
	verify->records++;
	return err == 0 || err == ERR_NOTFOUND
	    ? 0
	    : verify->visit(verify->ctx, key.p, key.left, err);
}

int
db_verify(struct db_env *env, unsigned reader, db_verify_visit *visit, void *ctx,
    uint64_t *ret_records)
{
	struct verify verify = {.visit = visit, .ctx = ctx};
	int ret = store_walk_raw(&env->reader[reader], verify_record, &verify);
	*ret_records = verify.records;
	return ret;
}
