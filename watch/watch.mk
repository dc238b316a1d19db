# The room of the watcher; nothing is built in it yet.
