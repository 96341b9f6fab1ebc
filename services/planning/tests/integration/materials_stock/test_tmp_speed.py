import time, cProfile, pstats
import pytest
from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData
from lineside_planning.materials.requests import stock_imports

class Objects:
    def __init__(self, text): self.text = text
    async def read(self, name): return self.text.encode()
    async def tell(self, name, **facts): pass

@pytest.mark.parametrize("count", [4000])
async def test_tmp_speed(shop, count: int, capsys) -> None:
    products = "product_code,product_name,unit_code,unit_decimals\n" + "".join(
        f"P{n},Product {n},EA,0\n" for n in range(count)
    )
    name = await shop.harness.upload(products)
    await shop.done(planning.PRODUCTS.load, ImportMasterData(object_name=name))
    text = "product_code,location_code,quantity,lot_number\n" + "".join(
        f"P{n},SHELF,{n+1},\n" for n in range(count)
    )
    for dry in (True, False, False):
        await shop.harness.settle()
        pr = cProfile.Profile() if dry is False else None
        start = time.perf_counter(); cpu = time.process_time()
        async with shop.database.unit_of_work(shop.context()) as uow:
            if pr and PROFILE: pr.enable()
            report = await stock_imports.load_stock(uow, ImportMasterData(object_name="x", dry_run=dry), Objects(text))
            if pr and PROFILE: pr.disable()
        with capsys.disabled():
            print(dry, time.perf_counter() - start, "cpu per row us", (time.process_time() - cpu)/count*1e6)
            if pr and PROFILE: pstats.Stats(pr).sort_stats("tottime").print_stats(40); PROFILE_DONE=1
PROFILE = __import__("os").environ.get("PROFILE")
