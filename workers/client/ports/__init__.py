"""What can be asked of an engine, near or far: one Protocol a feature, with values of the domain and of this package.

workers/client answers with Temporal and the records; workers/remote asks a server over HTTP. This package loads
neither.
"""
