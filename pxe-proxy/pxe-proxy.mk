# The room of the ProxyDHCP daemon; nothing is built in it yet.
