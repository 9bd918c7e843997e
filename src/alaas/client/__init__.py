"""The clients: the library's verbs over the wire, blocking and async."""

from alaas.client._async import AsyncClient
from alaas.client._remote import AsyncRemoteProject, RemoteProject
from alaas.client._sync import Client

__all__ = ["AsyncClient", "AsyncRemoteProject", "Client", "RemoteProject"]
