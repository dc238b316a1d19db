# pxe-proxy
