/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/register.h"

#include "db/store.h"

#include <pthread.h>

/* LMDB must never open one database twice in a process: closing either would drop the file
 * locks of both. Hence a mutable global, guarded by its mutex; the list runs through the
 * environments themselves. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct db_env *registered;

int
register_add(struct db_env *env)
{
	int ret = 0;
	(void)pthread_mutex_lock(&lock);
	for (const struct db_env *e = registered; e != NULL; e = e->next) {
		if (file_id_equal(&e->data, &env->data)) {
			ret = ERR_EXISTS;
		}
	}
	if (ret == 0) {
		env->next = registered;
		registered = env;
	}
	(void)pthread_mutex_unlock(&lock);
	return ret;
}

void
register_remove(struct db_env *env)
{
	(void)pthread_mutex_lock(&lock);
	for (struct db_env **at = &registered; *at != NULL; at = &(*at)->next) {
		if (*at == env) {
			*at = env->next;
			break;
		}
	}
	(void)pthread_mutex_unlock(&lock);
}
