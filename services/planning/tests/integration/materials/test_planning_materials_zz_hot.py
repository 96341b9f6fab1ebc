import cProfile, pstats, io, time
from lineside_contracts import planning

async def test_hot(stage, capsys):
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("GLUE")
    await stage.bill("BROCHURE-A4", {"component_code": "GLUE", "quantity": 1})
    await stage.stock("GLUE", 100)
    for k in range(10):
        orders = [stage.order(100) for _ in range(200)]
        await stage.tell(*[planning.ProductionOrderCreated(production_order=o) for o in orders])
        await stage.tell(*[stage.expansion(o) for o in orders])
    await stage.harness.settle()
    one = stage.order(100)
    await stage.tell(planning.ProductionOrderCreated(production_order=one))
    await stage.harness.settle()
    pr = cProfile.Profile(); pr.enable(); t = time.perf_counter()
    await stage.tell(stage.expansion(one))
    t = time.perf_counter() - t
    pr.disable()
    with capsys.disabled():
        s = io.StringIO(); pstats.Stats(pr, stream=s).sort_stats("cumulative").print_stats(60); print(t); print(s.getvalue()[:9500])
