# doc
dist_doc_DATA += doc/EVENTS.md
