using Web.Giraffe;

namespace Scale.Simulation;

/// <summary>
/// A discrete-event simulation: requests arrive at random, wait at their web node while every worker is full for it,
/// travel, wait for a lane, are classified, and travel back.
/// </summary>
public sealed class Run
{
    private readonly Plan plan;
    private readonly Random random;
    private readonly PriorityQueue<Happening, double> agenda = new();
    private readonly Chooser[] webs;
    private readonly Queue<Request>[] waiting;
    private readonly Queue<Request>[] queues;
    private readonly int[] busy;
    private readonly List<double> times = [];
    private long arrived;
    private double now;

    private Run(Plan plan, LoadBalancingPolicy turns)
    {
        this.plan = plan;
        random = new Random(plan.Seed);
        webs = [.. Enumerable.Range(0, plan.Webs).Select(_ => new Chooser(turns, plan.Workers, plan.InFlight, random.Next(plan.Workers)))];
        waiting = [.. webs.Select(_ => new Queue<Request>())];
        queues = [.. Enumerable.Range(0, plan.Workers).Select(_ => new Queue<Request>())];
        busy = new int[plan.Workers];
    }

    private enum Kind
    {
        Arrives,
        Reaches,
        Completed,
        Returns,
        Fails,
        Heals,
    }

    /// <summary>Runs it at <paramref name="load"/>, a share of the capacity.</summary>
    public static Point At(Plan plan, LoadBalancingPolicy turns, double load)
    {
        var run = new Run(plan, turns);
        run.Play(load * plan.Capacity);
        run.times.Sort();
        double Quantile(double share) => run.times.Count == 0 ? double.NaN : run.times[(int)(share * (run.times.Count - 1))];
        return new Point(turns, load, Quantile(.5), Quantile(.99), 1 - ((double)run.times.Count / run.arrived));
    }

    private void Play(double rate)
    {
        agenda.Enqueue(new Happening(Kind.Arrives, 0, default), Exponential(rate));
        if (plan.Out > 0)
        {
            agenda.Enqueue(new Happening(Kind.Fails, 0, default), plan.Duration / 3);
            agenda.Enqueue(new Happening(Kind.Heals, 0, default), plan.Duration * 2 / 3);
        }

        while (agenda.TryDequeue(out var happening, out now) && now < plan.Duration)
        {
            switch (happening.Kind)
            {
                case Kind.Arrives:
                    agenda.Enqueue(happening, now + Exponential(rate));
                    arrived++;
                    Arrive(new Request(now, random.Next(plan.Webs)));
                    break;
                case Kind.Reaches:
                    queues[happening.Worker].Enqueue(happening.Request);
                    Serve(happening.Worker);
                    break;
                case Kind.Completed:
                    busy[happening.Worker]--;
                    agenda.Enqueue(happening with { Kind = Kind.Returns }, now + (plan.Trip / 2));
                    Serve(happening.Worker);
                    break;
                case Kind.Returns:
                    times.Add(now - happening.Request.Arrived);
                    webs[happening.Request.Web].GiveBack(happening.Worker);
                    Drain(happening.Request.Web);
                    break;
                default:
                    Turn(happening.Kind == Kind.Fails);
                    break;
            }
        }
    }

    private void Arrive(Request request)
    {
        waiting[request.Web].Enqueue(request);
        Drain(request.Web);
    }

    /// <summary>Sends waiting requests, first come, first served, while a worker has room.</summary>
    private void Drain(int web)
    {
        while (waiting[web].Count > 0 && webs[web].Take(random.NextDouble()) is >= 0 and var worker)
        {
            agenda.Enqueue(new Happening(Kind.Reaches, worker, waiting[web].Dequeue()), now + (plan.Trip / 2));
        }
    }

    private void Serve(int worker)
    {
        while (busy[worker] < plan.Lanes && queues[worker].TryDequeue(out var request))
        {
            busy[worker]++;
            var service = plan.Services[random.Next(plan.Services.Count)] * plan.Slowness(worker);
            agenda.Enqueue(new Happening(Kind.Completed, worker, request), now + service);
        }
    }

    /// <summary>Removes the failing workers from every rotation; their waiting requests go to other workers.</summary>
    private void Turn(bool fail)
    {
        for (var worker = 0; worker < plan.Workers; worker++)
        {
            if (!plan.Fails(worker))
            {
                continue;
            }

            foreach (var web in webs)
            {
                web.Eject(worker, fail);
            }

            while (fail && queues[worker].TryDequeue(out var request))
            {
                webs[request.Web].GiveBack(worker);
                waiting[request.Web].Enqueue(request);
            }
        }

        for (var web = 0; web < webs.Length; web++)
        {
            Drain(web);
        }
    }

    private double Exponential(double rate) => -Math.Log(1 - random.NextDouble()) / rate;

    private readonly record struct Request(double Arrived, int Web);

    private readonly record struct Happening(Kind Kind, int Worker, Request Request);
}
