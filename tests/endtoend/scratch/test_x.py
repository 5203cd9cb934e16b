import asyncio
from tests.endtoend.town import *
from hub.domain.models import Message, Comment
from hub.domain.work import Work
async def test_x(mongod, tmp_path):
    async with shop_in(base_settings(mongod.url, tmp_path)) as shop:
        talk = await shop.arrive()
        shop.net.send_album(shop.bob, shop.group, [{"kind":"photo","data":b"a%d"%n} for n in range(2)], talk.topic.id)
        await asyncio.sleep(3)
        print(talk.phone())
        for k in (Message, Comment, Work):
            for m in await shop.kept(k): print(m)
        print(talk.desk(), shop.net.ephemeral(shop.group, shop.bob))
        hosted = shop.town.hub.host._hosted[shop.workspace]
        for l in hosted._lanes._lanes.values(): print(l.name, l.works, hosted._lanes._tasks.get(l.name))
        for c in shop.net.calls[-5:]: print(c)
