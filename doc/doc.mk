# doc
dist_doc_DATA += doc/EVENTS.md
dist_man_MANS += doc/pvsboot.8 doc/pvsboot-tftp.8
