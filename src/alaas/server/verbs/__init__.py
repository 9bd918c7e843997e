"""What callers can ask of a server, whatever they speak: one file per resource.

A verb takes what was asked as a body of ``alaas.protocol`` and returns one. Whether the caller may ask at
all is settled before; whether they may ask it for *these* things (another annotator, say) is settled here.
Verbs wait for the store, so they are called on worker threads.
"""
