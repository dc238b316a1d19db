/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/daemon/service.h"

#include "lib/net/notify.h"

enum { SECOND_MS = 1000 };

int
service_init(struct service *service, enum event_program program, const char *state_dir,
    struct counters *counters, loop_fn *look, void *ctx)
{
	*service = (struct service){.look = look, .ctx = ctx};
	int err = loop_new(&service->loop);
	err =
	    err != 0 ? err : loop_timer_new(service->loop, look, ctx, &service->second);
	err = err != 0 ? err : evsend_new(state_dir, program, &service->events);
	if (err == 0) {
		evsend_set_counters(service->events, counters_fill, counters);
	}
	return err;
}

void
service_done(struct service *service)
{
	evsend_free(service->events);
	loop_timer_free(service->second);
	loop_free(service->loop);
	*service = (struct service){0};
}

void
service_run(struct service *service)
{
	service->look(service->ctx);
	loop_timer_every(service->second, SECOND_MS);
	loop_run(service->loop);
	notify_stopping();
}

bool
service_ready(struct service *service)
{
	if (service->is_ready) {
		return false;
	}
	service->is_ready = true;
	notify_ready();
	return true;
}
