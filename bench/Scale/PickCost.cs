using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Web.Giraffe;

namespace Scale;

/// <summary>
/// Measures the web node's pool: the end of one request, and the pick of a worker for the next one in the queue.
/// </summary>
internal static class PickCost
{
    private const int Warm = 2_000;
    private const int Measured = 20_000;

    /// <summary>Prints a line for each policy and number of workers and waiting requests.</summary>
    public static void Print()
    {
        Console.WriteLine("Microseconds for a completion and the pick that follows it, all workers full.");
        foreach (var turns in Enum.GetValues<LoadBalancingPolicy>())
        {
            foreach (var workers in (int[])[10, 100, 1_000])
            {
                foreach (var waiting in (int[])[1, 1_000])
                {
                    var cost = Measure(turns, workers, waiting);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{turns,-18} {workers,5} workers {waiting,5} waiting {cost,8:0.00} us"));
                }
            }
        }
    }

    private static double Measure(LoadBalancingPolicy turns, int workers, int waiting)
    {
        var policy = new PoolPolicy(turns, 1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), OnFailure.Eject);
        var random = new Random(1);
        var chance = FuncConvert.FromFunc(random.NextDouble);
        var list = new WorkerPool(policy, waiting, TimeProvider.System, chance, NullLogger<WorkerPool>.Instance);
        for (var port = 1; port <= workers; port++)
        {
            ((IWorkerList)list).Add(new WorkerAddress("worker", port, false));
        }

        var running = new Queue<Task<AcquireResult>>(Enumerable.Range(0, workers + waiting).Select(_ => Take()));
        Turn(Warm);
        var began = Stopwatch.GetTimestamp();
        Turn(Measured);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / Measured;

        Task<AcquireResult> Take() => list.Take(SetModule.Empty<WorkerAddress>(), TimeSpan.FromHours(1), default);

        void Turn(int times)
        {
            for (var time = 0; time < times; time++)
            {
                var taken = (AcquireResult.Acquired)running.Dequeue().GetAwaiter().GetResult();
                list.Succeeded(taken.Item);
                running.Enqueue(Take());
            }
        }
    }
}
