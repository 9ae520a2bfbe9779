using Web.Giraffe;

namespace Scale.Simulation;

/// <summary>
/// One web node's choice among its workers, as <c>PoolState.pick</c> makes it, in arrays fast enough for a million
/// choices a second. A test checks that both choose alike. It counts its own requests only.
/// </summary>
/// <param name="turns">The load balancing policy.</param>
/// <param name="workers">The number of workers.</param>
/// <param name="limit">The maximum of requests that it sends to one worker at a time.</param>
/// <param name="start">The worker to start with: long-running web nodes are not in step.</param>
public sealed class Chooser(LoadBalancingPolicy turns, int workers, int limit, int start)
{
    private readonly int[] inFlight = new int[workers];
    private readonly bool[] isOut = new bool[workers];
    private int unready;
    private int next = start;

    /// <summary>
    /// Returns the worker for one request; -1 if all are full or ejected. <paramref name="chance"/> is 0 … 1.
    /// </summary>
    public int Take(double chance)
    {
        var worker = turns switch
        {
            LoadBalancingPolicy.LeastInFlight => Least(),
            LoadBalancingPolicy.PowerOfTwoChoices => OfTwo(chance),
            _ => InTurn(),
        };
        if (worker >= 0)
        {
            inFlight[worker]++;
            unready += IsReady(worker) ? 0 : 1;
            next = (worker + 1) % inFlight.Length;
        }

        return worker;
    }

    /// <summary>Ends a request of this worker.</summary>
    public void GiveBack(int worker)
    {
        var before = IsReady(worker);
        inFlight[worker]--;
        Count(before, worker);
    }

    /// <summary>Ejects a worker from this node's rotation, or brings it back.</summary>
    public void Eject(int worker, bool ejected)
    {
        var before = IsReady(worker);
        isOut[worker] = ejected;
        Count(before, worker);
    }

    private void Count(bool before, int worker) => unready += (before ? 1 : 0) - (IsReady(worker) ? 1 : 0);

    private bool IsReady(int worker) => !isOut[worker] && inFlight[worker] < limit;

    private int InTurn()
    {
        for (var step = 0; step < inFlight.Length; step++)
        {
            var worker = (next + step) % inFlight.Length;
            if (IsReady(worker))
            {
                return worker;
            }
        }

        return -1;
    }

    private int Least()
    {
        var (best, least) = (-1, int.MaxValue);
        for (var step = 0; step < inFlight.Length && least > 0; step++)
        {
            var worker = next + step < inFlight.Length ? next + step : next + step - inFlight.Length;
            if (IsReady(worker) && inFlight[worker] < least)
            {
                (best, least) = (worker, inFlight[worker]);
            }
        }

        return best;
    }

    private int OfTwo(double chance)
    {
        var ready = inFlight.Length - unready;
        if (ready < 2)
        {
            return InTurn();
        }

        var scaled = chance * ready;
        var first = Math.Min((int)scaled, ready - 1);
        var second = Math.Min((int)((scaled - first) * (ready - 1)), ready - 2);
        second += second >= first ? 1 : 0;
        var (one, other) = (Nth(first), Nth(second));
        return inFlight[other] < inFlight[one] ? other : one;
    }

    /// <summary>Returns the nth of the ready workers, in rotation order.</summary>
    private int Nth(int number)
    {
        if (unready == 0)
        {
            return (next + number) % inFlight.Length;
        }

        for (var step = 0; ; step++)
        {
            var worker = (next + step) % inFlight.Length;
            if (IsReady(worker) && number-- == 0)
            {
                return worker;
            }
        }
    }
}
