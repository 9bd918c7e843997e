"""The one guarded way out: every byte that ALaaS asks of a network it asks through here.

A URI may come from a stranger, and this process may stand where the stranger cannot reach. So a host is
resolved once, each address is judged before it is dialled, the very address that was judged is dialled,
every redirect is judged again, and bytes and time are capped.
"""

from alaas.egress._client import Answer, Egress, Reply
from alaas.egress._dial import Resolver, system_resolver
from alaas.egress._policy import AddressPolicy

__all__ = ["AddressPolicy", "Answer", "Egress", "Reply", "Resolver", "system_resolver"]
