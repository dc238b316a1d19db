# What the system needs to know of pvsboot: its user, folders, units, and Kea's leave to read.
dist_units = dist/systemd/pvsboot-pxe.service dist/systemd/pvsboot-tftp.service \
	dist/systemd/pvsboot-watch.service
dist_made = $(dist_units) dist/sysusers.d/pvsboot.conf dist/tmpfiles.d/pvsboot.conf \
	dist/apparmor/pvsboot
EXTRA_DIST += $(dist_made:=.in)
CLEANFILES += $(dist_made)

dist/systemd/pvsboot-pxe.service: $(srcdir)/dist/systemd/pvsboot-pxe.service.in
dist/systemd/pvsboot-tftp.service: $(srcdir)/dist/systemd/pvsboot-tftp.service.in
dist/systemd/pvsboot-watch.service: $(srcdir)/dist/systemd/pvsboot-watch.service.in
dist/sysusers.d/pvsboot.conf: $(srcdir)/dist/sysusers.d/pvsboot.conf.in
dist/tmpfiles.d/pvsboot.conf: $(srcdir)/dist/tmpfiles.d/pvsboot.conf.in
dist/apparmor/pvsboot: $(srcdir)/dist/apparmor/pvsboot.in
$(dist_made): Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' \
		-e 's|@runstatedir[@]|$(runstatedir)|g' $(srcdir)/$@.in > $@.tmp && mv $@.tmp $@

if SYSTEMD
# Type=notify: a program without libsystemd would never be seen to be ready.
nodist_unit_DATA = $(dist_units)
endif
nodist_sysusers_DATA = dist/sysusers.d/pvsboot.conf
nodist_tmpfiles_DATA = dist/tmpfiles.d/pvsboot.conf

# Kea's unit has one name in Debian's packages and another in ISC's.
keadropindir = $(unitdir)/kea-dhcp4-server.service.d
isckeadropindir = $(unitdir)/isc-kea-dhcp4-server.service.d
dist_keadropin_DATA = dist/systemd/pvsboot.conf
dist_isckeadropin_DATA = dist/systemd/pvsboot.conf

apparmordir = $(sysconfdir)/apparmor.d
abstractionsdir = $(apparmordir)/abstractions
mysqlabstractionsdir = $(abstractionsdir)/mysql.d
nodist_abstractions_DATA = dist/apparmor/pvsboot
dist_mysqlabstractions_DATA = dist/apparmor/mysql.d/pvsboot

# local/usr.sbin.kea-dhcp4 belongs to the administrator: one line is added, and taken out again.
apparmor_local = $(DESTDIR)$(apparmordir)/local/usr.sbin.kea-dhcp4
apparmor_line = include <abstractions/pvsboot>
install-data-local:
	$(AM_V_at)$(MKDIR_P) $(DESTDIR)$(sysconfdir)/pvsboot $(DESTDIR)$(apparmordir)/local
	$(AM_V_at)test ! -f $(apparmor_local) || $(SED) -i '$$a\' $(apparmor_local)
	$(AM_V_at)grep -qsxF '$(apparmor_line)' $(apparmor_local) || \
		echo '$(apparmor_line)' >> $(apparmor_local)
uninstall-local:
	$(AM_V_at)test ! -f $(apparmor_local) || \
		$(SED) -i '/^include <abstractions\/pvsboot>$$/d' $(apparmor_local)
	$(AM_V_at)test -s $(apparmor_local) || rm -f $(apparmor_local)
	$(AM_V_at)test ! -d $(DESTDIR)$(sysconfdir)/pvsboot || \
		rmdir --ignore-fail-on-non-empty $(DESTDIR)$(sysconfdir)/pvsboot
