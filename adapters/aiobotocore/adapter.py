import asyncio
import threading

import aiobotocore
import aiohttp
from aiobotocore.session import get_session

from attachset.environment import runtime
from attachset.protocol import serve
from attachset.sdk import Sdk

# The loop runs on between calls, as an application's would: it must see a server
# close an idle connection.
LOOP = asyncio.new_event_loop()
threading.Thread(target=LOOP.run_forever, daemon=True).start()


def wait(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, LOOP).result()


class AioBotocore(Sdk):
    session = get_session()  # it keeps the service models that it has read

    def connect(self, **options):
        return wait(self.session.create_client(**options).__aenter__())

    def send(self, method, input):
        return wait(method(**input))

    def close(self):
        wait(self.client.__aexit__(None, None, None))


serve("aiobotocore", aiobotocore.__version__, runtime(aiohttp), AioBotocore())
