"""MongoDB: the control database, one database a workspace, and the embedded server.

`open_store(settings)` gives the `Store`; nothing else of this package is for use outside it.
"""

from hub.store.store import Store, open_store
from hub.store.workspace import MongoWorkspace

__all__ = ["MongoWorkspace", "Store", "open_store"]
