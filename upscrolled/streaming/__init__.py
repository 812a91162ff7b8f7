"""The streaming process: who listens to what, and what they are told of what happens.

`channels` (pure) names what can be listened to, `gate` says who may, `tellers` turn events into what each listener is
told, `hub` reads the events and keeps them for whoever comes back, `sockets` and `sse` are the two ways to listen.
"""
