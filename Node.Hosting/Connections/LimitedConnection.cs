using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Node.Hosting;

/// <summary>A connection that a <see cref="ConnectionLimiter"/> counts.</summary>
public sealed class LimitedConnection
{
    private readonly ConnectionLimiter limiter;
    private readonly ConnectionContext connection;

    internal LimitedConnection(ConnectionLimiter limiter, ConnectionContext connection, IPAddress? network)
    {
        this.limiter = limiter;
        this.connection = connection;
        Network = network;
        Place = new LinkedListNode<LimitedConnection>(this);
    }

    /// <summary>Whether it is in the reserve, for requests that must be answered when all others are in use.</summary>
    public bool IsReserve { get; internal set; }

    internal IPAddress? Network { get; }

    internal LinkedListNode<LimitedConnection> Place { get; }

    internal bool IsCounted { get; set; }

    /// <summary>The requests at once; HTTP/2 has several.</summary>
    internal int Requests { get; set; }

    /// <summary>Returns the connection that these features belong to, or null if it is not counted.</summary>
    public static LimitedConnection? Of(IFeatureCollection features) =>
        features.Get<IConnectionItemsFeature>() is { } feature
        && feature.Items.TryGetValue(typeof(LimitedConnection), out var limited)
            ? limited as LimitedConnection
            : null;

    /// <summary>Begins a request. Until <see cref="EndRequest"/> no other connection replaces this one.</summary>
    public void BeginRequest() => limiter.Begin(this);

    /// <summary>Ends a request. After the last one the connection is idle.</summary>
    public void EndRequest() => limiter.End(this);

    internal void Close() => connection.Abort(new ConnectionAbortedException("Another connection needs the place."));
}
