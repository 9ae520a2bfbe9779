using Microsoft.FSharp.Collections;
using Web.Giraffe;

namespace Scenarios.Scaling;

/// <summary>The response times of a simulated cluster.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Load">Requests per second as a share of the capacity.</param>
/// <param name="Median">The median of the time from arrival to answer, in seconds.</param>
/// <param name="Tail">The 99th percentile of that time, in seconds.</param>
/// <param name="Unanswered">The share of the requests without an answer at the end.</param>
public sealed record SimulationResult(
    LoadBalancingPolicy Policy, double Load, double Median, double Tail, double Unanswered);

/// <summary>
/// A discrete-event simulation of many web nodes and workers. Requests arrive at random, wait at their web node while
/// every worker is full for it, travel, wait for an executor, are classified, and travel back. Every web node selects
/// its workers with the product's own pool.
/// </summary>
public sealed class Simulation
{
    private readonly ClusterPlan plan;
    private readonly Random random;
    private readonly PriorityQueue<Event, double> agenda = new();
    private readonly PoolState[] pools;
    private readonly Queue<Request>[] waiting;
    private readonly Queue<(Request Request, Lease Lease)>[] queues;
    private readonly int[] busy;
    private readonly List<double> times = [];
    private long arrived;
    private double now;

    private Simulation(ClusterPlan plan, LoadBalancingPolicy policy)
    {
        this.plan = plan;
        random = new Random(plan.Seed);
        pools = [.. Enumerable.Range(0, plan.Webs).Select(_ => NewPool(policy, random.Next(plan.Workers)))];
        waiting = [.. pools.Select(_ => new Queue<Request>())];
        queues = [.. Enumerable.Range(0, plan.Workers).Select(_ => new Queue<(Request, Lease)>())];
        busy = new int[plan.Workers];
    }

    private enum Kind
    {
        Arrives,
        ReachesWorker,
        Completed,
        Returns,
        Drains,
        Resumes,
    }

    private TimeSpan Clock => TimeSpan.FromSeconds(now);

    /// <summary>Runs it at <paramref name="load"/>, a share of the capacity.</summary>
    public static SimulationResult Run(ClusterPlan plan, LoadBalancingPolicy policy, double load)
    {
        var run = new Simulation(plan, policy);
        run.RunToEnd(load * plan.Capacity);
        run.times.Sort();
        double Quantile(double share) => run.times.Count == 0
            ? double.NaN
            : run.times[(int)(share * (run.times.Count - 1))];
        return new SimulationResult(
            policy, load, Quantile(.5), Quantile(.99), 1 - ((double)run.times.Count / run.arrived));
    }

    // A worker's port is its number from 1. Long-running web nodes are not in step: each starts at another worker.
    private PoolState NewPool(LoadBalancingPolicy policy, int first)
    {
        var pool = PoolStateModule.empty(
            new PoolPolicy(policy, plan.InFlight, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), OnFailure.Eject));
        return Enumerable.Range(0, plan.Workers)
            .Aggregate(
                pool, (before, number) => PoolStateModule.add(Address((first + number) % plan.Workers), before).Item1);
    }

    private static WorkerAddress Address(int worker) => new("worker", worker + 1, isTls: false);

    private void RunToEnd(double rate)
    {
        agenda.Enqueue(new Event(Kind.Arrives), Exponential(rate));
        if (plan.Drained > 0)
        {
            agenda.Enqueue(new Event(Kind.Drains), plan.Duration / 3);
            agenda.Enqueue(new Event(Kind.Resumes), plan.Duration * 2 / 3);
        }

        while (agenda.TryDequeue(out var next, out now) && now < plan.Duration)
        {
            var worker = next.Lease.Address?.Port - 1 ?? 0;
            switch (next.Kind)
            {
                case Kind.Arrives:
                    agenda.Enqueue(next, now + Exponential(rate));
                    arrived++;
                    var request = new Request(now, random.Next(plan.Webs));
                    waiting[request.Web].Enqueue(request);
                    Dispatch(request.Web);
                    break;
                case Kind.ReachesWorker:
                    queues[worker].Enqueue((next.Request, next.Lease));
                    Serve(worker);
                    break;
                case Kind.Completed:
                    busy[worker]--;
                    agenda.Enqueue(next with { Kind = Kind.Returns }, now + (plan.RoundTrip / 2));
                    Serve(worker);
                    break;
                case Kind.Returns:
                    times.Add(now - next.Request.Arrived);
                    pools[next.Request.Web] = PoolOutcomes.succeeded(Clock, next.Lease, pools[next.Request.Web]).Item1;
                    Dispatch(next.Request.Web);
                    break;
                default:
                    Drain(next.Kind == Kind.Drains);
                    break;
            }
        }
    }

    /// <summary>Sends waiting requests, first come, first served, while a worker has room.</summary>
    private void Dispatch(int web)
    {
        while (waiting[web].Count > 0)
        {
            var (pool, picked) = PoolStateModule.pick(
                Clock, random.NextDouble(), SetModule.Empty<WorkerAddress>(), pools[web]);
            if (picked is not PickResult.Chosen chosen)
            {
                return;
            }

            pools[web] = pool;
            agenda.Enqueue(
                new Event(Kind.ReachesWorker, waiting[web].Dequeue(), chosen.Item), now + (plan.RoundTrip / 2));
        }
    }

    private void Serve(int worker)
    {
        while (busy[worker] < plan.Executors && queues[worker].TryDequeue(out var next))
        {
            busy[worker]++;
            var service = plan.Services[random.Next(plan.Services.Count)] * plan.Slowness(worker);
            agenda.Enqueue(new Event(Kind.Completed, next.Request, next.Lease), now + service);
        }
    }

    /// <summary>Drains or resumes workers at every web node; their waiting requests go to other workers.</summary>
    private void Drain(bool drains)
    {
        foreach (var worker in Enumerable.Range(0, plan.Workers).Where(plan.IsDrained))
        {
            for (var web = 0; web < pools.Length; web++)
            {
                var address = Address(worker);
                pools[web] = (
                    drains ? PoolDrain.drain(address, pools[web]) : PoolDrain.resume(address, pools[web])).Item1;
            }

            while (drains && queues[worker].TryDequeue(out var next))
            {
                pools[next.Request.Web] = PoolOutcomes.abandoned(next.Lease, pools[next.Request.Web]).Item1;
                waiting[next.Request.Web].Enqueue(next.Request);
            }
        }

        for (var web = 0; web < pools.Length; web++)
        {
            Dispatch(web);
        }
    }

    private double Exponential(double rate) => -Math.Log(1 - random.NextDouble()) / rate;

    private readonly record struct Request(double Arrived, int Web);

    private readonly record struct Event(Kind Kind, Request Request = default, Lease Lease = default);
}
