namespace Worker.Sockets;

/// <summary>The time limits of a connection's exchanges.</summary>
internal sealed class ExchangeTimer(ExchangeOptions options, TimeProvider clock) : IDisposable
{
    private long begun = clock.GetTimestamp();
    private CancellationTokenSource timer = new(options.Deadline, clock);

    /// <summary>The time since the connection opened or, for later exchanges, since the first byte.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(begun);

    /// <summary>Whether the exchange's time is up.</summary>
    public bool IsOver => Elapsed >= options.Deadline;

    /// <summary>Cancelled when the exchange's time is up, or when it ends.</summary>
    public CancellationToken Deadline => timer.Token;

    /// <summary>Begins an exchange.</summary>
    public void Restart() => begun = clock.GetTimestamp();

    /// <summary>Sets the timeout for the next event: at most this long, and at most until the deadline.</summary>
    public void Arm(TimeSpan most)
    {
        var rest = options.Deadline - Elapsed;
        timer.CancelAfter(rest <= TimeSpan.Zero ? TimeSpan.Zero : rest < most ? rest : most);
    }

    /// <summary>Sets a timeout outside an exchange.</summary>
    public void CancelAfter(TimeSpan time) => timer.CancelAfter(time);

    /// <summary>Replaces a timeout that has fired.</summary>
    public void Renew()
    {
        timer.Dispose();
        timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer.Cancel();
        timer.Dispose();
    }
}
