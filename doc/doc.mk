# doc
dist_man_MANS += doc/libdhcp_pvsboot.8 doc/pvsboot.8 doc/pvsboot-pxe.8 doc/pvsboot-tftp.8 \
	doc/pvsboot-watch.8 \
	doc/pvsboot.yaml.5
dist_doc_DATA += doc/EVENTS.md doc/pvsboot.schema.json dist/pvsboot.yaml.example
