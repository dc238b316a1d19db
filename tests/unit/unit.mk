# One program per module, named for it. Each adds itself to unit_tests.
unit_tests =
unit_ldadd = $(CHECK_LIBS)
unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS)

include tests/unit/hook.mk

unit_tests += tests/unit/check_own
tests_unit_check_own_SOURCES = tests/unit/check_own.c tests/unit/unit.h
tests_unit_check_own_CFLAGS = $(unit_cflags)
tests_unit_check_own_LDADD = lib/own/libown.la $(unit_ldadd)

unit_tests += tests/unit/check_base
tests_unit_check_base_SOURCES = tests/unit/check_base.c tests/unit/unit.h
tests_unit_check_base_CFLAGS = $(unit_cflags)
tests_unit_check_base_LDADD = lib/base/libbase.la $(unit_ldadd)

# Scratch folders and records with every field.
unit_db = tests/unit/db_sample.h tests/unit/db_unit.h tests/unit/unit.h

unit_tests += tests/unit/check_db_env
tests_unit_check_db_env_SOURCES = tests/unit/check_db_env.c $(unit_db)
tests_unit_check_db_env_CFLAGS = $(unit_cflags)
tests_unit_check_db_env_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_follow
tests_unit_check_db_follow_SOURCES = tests/unit/check_db_follow.c $(unit_db)
tests_unit_check_db_follow_CFLAGS = $(unit_cflags)
tests_unit_check_db_follow_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_guard
tests_unit_check_db_guard_SOURCES = tests/unit/check_db_guard.c $(unit_db)
tests_unit_check_db_guard_CFLAGS = $(unit_cflags)
tests_unit_check_db_guard_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_map
tests_unit_check_db_map_SOURCES = tests/unit/check_db_map.c $(unit_db)
tests_unit_check_db_map_CFLAGS = $(unit_cflags)
tests_unit_check_db_map_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_process
tests_unit_check_db_process_SOURCES = tests/unit/check_db_process.c $(unit_db)
tests_unit_check_db_process_CFLAGS = $(unit_cflags)
tests_unit_check_db_process_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_record
tests_unit_check_db_record_SOURCES = tests/unit/check_db_record.c $(unit_db)
tests_unit_check_db_record_CFLAGS = $(unit_cflags)
tests_unit_check_db_record_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_db_state
tests_unit_check_db_state_SOURCES = tests/unit/check_db_state.c $(unit_db)
tests_unit_check_db_state_CFLAGS = $(unit_cflags) $(LMDB_CFLAGS)
tests_unit_check_db_state_LDADD = db/libdb.la $(LMDB_LIBS) $(unit_ldadd)

unit_tests += tests/unit/check_db_write
tests_unit_check_db_write_SOURCES = tests/unit/check_db_write.c $(unit_db)
tests_unit_check_db_write_CFLAGS = $(unit_cflags) $(NETTLE_CFLAGS)
tests_unit_check_db_write_LDADD = db/libdb.la $(unit_ldadd)

unit_tests += tests/unit/check_arch
tests_unit_check_arch_SOURCES = tests/unit/check_arch.c tests/unit/unit.h
tests_unit_check_arch_CFLAGS = $(unit_cflags)
tests_unit_check_arch_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_dhcp4
tests_unit_check_dhcp4_SOURCES = tests/unit/check_dhcp4.c tests/unit/unit.h
tests_unit_check_dhcp4_CFLAGS = $(unit_cflags)
tests_unit_check_dhcp4_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_dhcp4_read
tests_unit_check_dhcp4_read_SOURCES = tests/unit/check_dhcp4_read.c tests/unit/dhcp4_packets.h \
	tests/unit/unit.h
tests_unit_check_dhcp4_read_CFLAGS = $(unit_cflags)
tests_unit_check_dhcp4_read_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_dhcp4_write
tests_unit_check_dhcp4_write_SOURCES = tests/unit/check_dhcp4_write.c tests/unit/dhcp4_packets.h \
	tests/unit/unit.h
tests_unit_check_dhcp4_write_CFLAGS = $(unit_cflags)
tests_unit_check_dhcp4_write_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_pxe
tests_unit_check_pxe_SOURCES = tests/unit/check_pxe.c tests/unit/unit.h
tests_unit_check_pxe_CFLAGS = $(unit_cflags)
tests_unit_check_pxe_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_event
tests_unit_check_event_SOURCES = tests/unit/check_event.c tests/unit/unit.h
tests_unit_check_event_CFLAGS = $(unit_cflags)
tests_unit_check_event_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_evring
tests_unit_check_evring_SOURCES = tests/unit/check_evring.c tests/unit/unit.h
tests_unit_check_evring_CFLAGS = $(unit_cflags)
tests_unit_check_evring_LDADD = lib/net/libevsend.la $(unit_ldadd)

unit_tests += tests/unit/check_evsend
tests_unit_check_evsend_SOURCES = tests/unit/check_evsend.c tests/unit/unit.h
tests_unit_check_evsend_CFLAGS = $(unit_cflags)
tests_unit_check_evsend_LDADD = lib/net/libevsend.la $(unit_ldadd)

unit_tests += tests/unit/check_tftp
tests_unit_check_tftp_SOURCES = tests/unit/check_tftp.c tests/unit/unit.h
tests_unit_check_tftp_CFLAGS = $(unit_cflags)
tests_unit_check_tftp_LDADD = lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_udp4
tests_unit_check_udp4_SOURCES = tests/unit/check_udp4.c tests/unit/unit.h
tests_unit_check_udp4_CFLAGS = $(unit_cflags)
tests_unit_check_udp4_LDADD = lib/wire/libwire.la $(unit_ldadd)

# A namespace with a cable in it.
unit_link = tests/unit/link.c tests/unit/link.h tests/unit/unit.h

unit_tests += tests/unit/check_nics
tests_unit_check_nics_SOURCES = tests/unit/check_nics.c $(unit_link)
tests_unit_check_nics_CFLAGS = $(unit_cflags)
tests_unit_check_nics_LDADD = lib/net/libpacket.la lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_packet
tests_unit_check_packet_SOURCES = tests/unit/check_packet.c $(unit_link)
tests_unit_check_packet_CFLAGS = $(unit_cflags)
tests_unit_check_packet_LDADD = lib/net/libpacket.la lib/wire/libwire.la $(unit_ldadd)

unit_tests += tests/unit/check_privileges
tests_unit_check_privileges_SOURCES = tests/unit/check_privileges.c tests/unit/unit.h
tests_unit_check_privileges_CFLAGS = $(unit_cflags) $(CAPNG_CFLAGS)
tests_unit_check_privileges_LDADD = lib/net/libpacket.la $(unit_ldadd) $(CAPNG_LIBS)

unit_tests += tests/unit/check_cache
tests_unit_check_cache_SOURCES = tests/unit/check_cache.c tests/unit/tree.h tests/unit/unit.h
tests_unit_check_cache_CFLAGS = $(unit_cflags)
tests_unit_check_cache_LDADD = lib/cache/libcache.la $(unit_ldadd)

unit_tests += tests/unit/check_looks
tests_unit_check_looks_SOURCES = tests/unit/check_looks.c tests/unit/pe.h tests/unit/unit.h
tests_unit_check_looks_CFLAGS = $(unit_cflags)
tests_unit_check_looks_LDADD = lib/cache/libcache.la $(unit_ldadd)

unit_tests += tests/unit/check_daemon
tests_unit_check_daemon_SOURCES = tests/unit/check_daemon.c $(unit_db)
tests_unit_check_daemon_CFLAGS = $(unit_cflags)
tests_unit_check_daemon_LDADD = lib/daemon/libdaemon.la $(unit_ldadd)

unit_tests += tests/unit/check_xfer
tests_unit_check_xfer_SOURCES = tests/unit/check_xfer.c tests/unit/unit.h
tests_unit_check_xfer_CFLAGS = $(unit_cflags)
tests_unit_check_xfer_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_net
tests_unit_check_net_SOURCES = tests/unit/check_net.c tests/unit/unit.h
tests_unit_check_net_CFLAGS = $(unit_cflags)
tests_unit_check_net_LDADD = lib/net/libnet.la $(unit_ldadd)

unit_tests += tests/unit/check_score
tests_unit_check_score_SOURCES = tests/unit/check_score.c tests/unit/unit.h
tests_unit_check_score_CFLAGS = $(unit_cflags)
tests_unit_check_score_LDADD = lib/boot/libboot.la $(unit_ldadd)
EXTRA_DIST += tests/unit/score_vectors.py

unit_tests += tests/unit/check_health
tests_unit_check_health_SOURCES = tests/unit/check_health.c tests/unit/unit.h
tests_unit_check_health_CFLAGS = $(unit_cflags)
tests_unit_check_health_LDADD = watch/libwatch.la $(unit_ldadd)

# A probe and the server that it asks.
unit_probing = tests/unit/probing.h tests/unit/unit.h

unit_tests += tests/unit/check_fetch
tests_unit_check_fetch_SOURCES = tests/unit/check_fetch.c $(unit_probing)
tests_unit_check_fetch_CFLAGS = $(unit_cflags)
tests_unit_check_fetch_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_fetch_net
tests_unit_check_fetch_net_SOURCES = tests/unit/check_fetch_net.c $(unit_probing)
tests_unit_check_fetch_net_CFLAGS = $(unit_cflags)
tests_unit_check_fetch_net_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_probe
tests_unit_check_probe_SOURCES = tests/unit/check_probe.c $(unit_probing)
tests_unit_check_probe_CFLAGS = $(unit_cflags)
tests_unit_check_probe_LDADD = watch/libwatch.la $(unit_ldadd)

# A map in memory, for what asks the decision; and one question to it.
unit_world = tests/unit/world.c tests/unit/world.h
unit_asking = $(unit_world) tests/unit/asking.h

unit_tests += tests/unit/check_decide
tests_unit_check_decide_SOURCES = tests/unit/check_decide.c tests/unit/unit.h $(unit_asking)
tests_unit_check_decide_CFLAGS = $(unit_cflags)
tests_unit_check_decide_LDADD = lib/boot/libboot.la $(unit_ldadd)

unit_tests += tests/unit/check_servers
tests_unit_check_servers_SOURCES = tests/unit/check_servers.c tests/unit/unit.h $(unit_asking)
tests_unit_check_servers_CFLAGS = $(unit_cflags)
tests_unit_check_servers_LDADD = lib/boot/libboot.la $(unit_ldadd)

unit_tests += tests/unit/check_login
tests_unit_check_login_SOURCES = tests/unit/check_login.c tests/unit/unit.h $(unit_asking)
tests_unit_check_login_CFLAGS = $(unit_cflags)
tests_unit_check_login_LDADD = lib/boot/libboot.la $(unit_ldadd)

unit_tests += tests/unit/check_cli
tests_unit_check_cli_SOURCES = tests/unit/check_cli.c tests/unit/unit.h
tests_unit_check_cli_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_cli_LDADD = cli/libcli.la $(unit_ldadd) $(JANSSON_LIBS)

# A configuration in force, and the state beside it.
unit_applied = tests/unit/applied.h tests/unit/conf.h $(unit_db)

unit_tests += tests/unit/check_status
tests_unit_check_status_SOURCES = tests/unit/check_status.c $(unit_applied)
tests_unit_check_status_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_status_LDADD = cli/libcli.la $(unit_ldadd) $(JANSSON_LIBS)

unit_tests += tests/unit/check_watcher
tests_unit_check_watcher_SOURCES = tests/unit/check_watcher.c $(unit_applied)
tests_unit_check_watcher_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_watcher_LDADD = cli/libcli.la $(unit_ldadd) $(JANSSON_LIBS)

unit_tests += tests/unit/check_doctor
tests_unit_check_doctor_SOURCES = tests/unit/check_doctor.c $(unit_applied) \
	tests/unit/tree.h $(unit_link)
tests_unit_check_doctor_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_doctor_LDADD = cli/libcli.la $(unit_ldadd) $(JANSSON_LIBS)

unit_tests += tests/unit/check_reply
tests_unit_check_reply_SOURCES = tests/unit/check_reply.c tests/unit/unit.h $(unit_world)
tests_unit_check_reply_CFLAGS = $(unit_cflags)
tests_unit_check_reply_LDADD = lib/boot/libboot.la $(unit_ldadd)

unit_tests += tests/unit/check_admit
tests_unit_check_admit_SOURCES = tests/unit/check_admit.c tests/unit/unit.h $(unit_world)
tests_unit_check_admit_CFLAGS = $(unit_cflags)
tests_unit_check_admit_LDADD = lib/boot/libboot.la $(unit_ldadd)

unit_tests += tests/unit/check_report
tests_unit_check_report_SOURCES = tests/unit/check_report.c tests/unit/unit.h $(unit_world)
tests_unit_check_report_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_report_LDADD = lib/report/libreport.la $(unit_ldadd)

unit_tests += tests/unit/check_wheel
tests_unit_check_wheel_SOURCES = tests/unit/check_wheel.c tests/unit/unit.h
tests_unit_check_wheel_CFLAGS = $(unit_cflags)
tests_unit_check_wheel_LDADD = lib/base/libbase.la $(unit_ldadd)

unit_tests += tests/unit/check_table
tests_unit_check_table_SOURCES = tests/unit/check_table.c tests/unit/unit.h
tests_unit_check_table_CFLAGS = $(unit_cflags)
tests_unit_check_table_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_park
tests_unit_check_park_SOURCES = tests/unit/check_park.c tests/unit/unit.h
tests_unit_check_park_CFLAGS = $(unit_cflags)
tests_unit_check_park_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_evidence
tests_unit_check_evidence_SOURCES = tests/unit/check_evidence.c tests/unit/unit.h
tests_unit_check_evidence_CFLAGS = $(unit_cflags)
tests_unit_check_evidence_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_session
tests_unit_check_session_SOURCES = tests/unit/check_session.c tests/unit/hook_map.c \
	tests/unit/hook_map.h tests/unit/tree.h $(unit_db)
tests_unit_check_session_CFLAGS = $(unit_cflags)
tests_unit_check_session_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_image
tests_unit_check_image_SOURCES = tests/unit/check_image.c tests/unit/unit.h
tests_unit_check_image_CFLAGS = $(unit_cflags) $(NETTLE_CFLAGS)
tests_unit_check_image_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_catalog
tests_unit_check_catalog_SOURCES = tests/unit/check_catalog.c tests/unit/unit.h
tests_unit_check_catalog_CFLAGS = $(unit_cflags)
tests_unit_check_catalog_LDADD = tftp/libtftp.la $(unit_ldadd)

unit_tests += tests/unit/check_findings
tests_unit_check_findings_SOURCES = tests/unit/check_findings.c tests/unit/unit.h
tests_unit_check_findings_CFLAGS = $(unit_cflags)
tests_unit_check_findings_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_limit
tests_unit_check_limit_SOURCES = tests/unit/check_limit.c tests/unit/unit.h
tests_unit_check_limit_CFLAGS = $(unit_cflags)
tests_unit_check_limit_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_delay
tests_unit_check_delay_SOURCES = tests/unit/check_delay.c tests/unit/unit.h
tests_unit_check_delay_CFLAGS = $(unit_cflags)
tests_unit_check_delay_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_machines
tests_unit_check_machines_SOURCES = tests/unit/check_machines.c tests/unit/unit.h
tests_unit_check_machines_CFLAGS = $(unit_cflags)
tests_unit_check_machines_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_conf
tests_unit_check_conf_SOURCES = tests/unit/check_conf.c tests/unit/conf.h tests/unit/tree.h \
	tests/unit/unit.h
tests_unit_check_conf_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_conf_LDADD = cli/conf/libconf.la $(unit_ldadd)

unit_tests += tests/unit/check_conf_forms
tests_unit_check_conf_forms_SOURCES = tests/unit/check_conf_forms.c tests/unit/conf.h \
	tests/unit/unit.h
tests_unit_check_conf_forms_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_conf_forms_LDADD = cli/conf/libconf.la $(unit_ldadd) $(JANSSON_LIBS)

unit_tests += tests/unit/check_conf_map
tests_unit_check_conf_map_SOURCES = tests/unit/check_conf_map.c tests/unit/conf.h \
	tests/unit/db_unit.h tests/unit/unit.h
tests_unit_check_conf_map_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_conf_map_LDADD = cli/conf/libconf.la $(unit_ldadd)

unit_tests += tests/unit/check_conf_schema
tests_unit_check_conf_schema_SOURCES = tests/unit/check_conf_schema.c tests/unit/conf.h \
	tests/unit/unit.h
tests_unit_check_conf_schema_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_conf_schema_LDADD = cli/conf/libconf.la $(unit_ldadd) $(JANSSON_LIBS)

# What PXE firmware sends, and a map in memory to answer it by.
unit_pxe = tests/unit/pxe_client.h tests/unit/unit.h $(unit_world)

unit_tests += tests/unit/check_request
tests_unit_check_request_SOURCES = tests/unit/check_request.c $(unit_pxe)
tests_unit_check_request_CFLAGS = $(unit_cflags)
tests_unit_check_request_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_answer
tests_unit_check_answer_SOURCES = tests/unit/check_answer.c $(unit_pxe)
tests_unit_check_answer_CFLAGS = $(unit_cflags)
tests_unit_check_answer_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_exchange
tests_unit_check_exchange_SOURCES = tests/unit/check_exchange.c $(unit_pxe)
tests_unit_check_exchange_CFLAGS = $(unit_cflags)
tests_unit_check_exchange_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_silence
tests_unit_check_silence_SOURCES = tests/unit/check_silence.c $(unit_pxe)
tests_unit_check_silence_CFLAGS = $(unit_cflags)
tests_unit_check_silence_LDADD = pxe-proxy/libpxe.la $(unit_ldadd)

unit_tests += tests/unit/check_drift
tests_unit_check_drift_SOURCES = tests/unit/check_drift.c tests/unit/unit.h
tests_unit_check_drift_CFLAGS = $(unit_cflags)
tests_unit_check_drift_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_keep
tests_unit_check_keep_SOURCES = tests/unit/check_keep.c tests/unit/pe.h tests/unit/tree.h \
	tests/unit/unit.h
tests_unit_check_keep_CFLAGS = $(unit_cflags)
tests_unit_check_keep_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_inbox
tests_unit_check_inbox_SOURCES = tests/unit/check_inbox.c $(unit_db)
tests_unit_check_inbox_CFLAGS = $(unit_cflags)
tests_unit_check_inbox_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_ledger
tests_unit_check_ledger_SOURCES = tests/unit/check_ledger.c tests/unit/tree.h $(unit_db)
tests_unit_check_ledger_CFLAGS = $(unit_cflags)
tests_unit_check_ledger_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_runner
tests_unit_check_runner_SOURCES = tests/unit/check_runner.c tests/unit/unit.h
tests_unit_check_runner_CFLAGS = $(unit_cflags)
tests_unit_check_runner_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_plan
tests_unit_check_plan_SOURCES = tests/unit/check_plan.c $(unit_db)
tests_unit_check_plan_CFLAGS = $(unit_cflags)
tests_unit_check_plan_LDADD = watch/libwatch.la $(unit_ldadd)

unit_tests += tests/unit/check_want
tests_unit_check_want_SOURCES = tests/unit/check_want.c $(unit_db)
tests_unit_check_want_CFLAGS = $(unit_cflags)
tests_unit_check_want_LDADD = watch/libwatch.la $(unit_ldadd)

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
