include cli/conf/conf.mk
