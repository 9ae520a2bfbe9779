/// The programs of bench/.
module Tests.Expecto.Bench.BenchTests

open Expecto

let tests =
    testList "Bench" [ LoadTests.tests; CompareTests.tests; MicroTests.tests ]
