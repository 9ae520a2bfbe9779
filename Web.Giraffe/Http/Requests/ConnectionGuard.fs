namespace Web.Giraffe

open System
open System.Net
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Connections
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Core
open Node.Hosting

/// Limits the node's connections, and reserves some for probes and administrators.
[<RequireQualifiedAccess>]
module ConnectionGuard =
    // Used when all other connections are busy: enough for probes, a scrape and an administrator's page.
    let private reserve = 32L

    // Browsers open a connection ahead of a request, and open another one if it is closed.
    let private firstByte = TimeSpan.FromSeconds 10.0

    let private essential =
        [ "/health"; "/metrics"; "/workers"; "/api/workers"; "/add"; "/del" ]
        |> List.map (fun path -> PathString path)

    let private isEssential (request: HttpRequest) =
        essential |> List.exists (fun path -> request.Path.StartsWithSegments path)

    let problem =
        { Problem.create
              503
              "Too many connections"
              "The server has reached its connection limit. Try again in a moment." with
            RetryAfter = Some(TimeSpan.FromSeconds 2.0)
        }

    /// Creates the limiter for one port.
    let limiter (settings: WebSettings) (clock: TimeProvider) : ConnectionLimiter =
        let limits =
            ConnectionLimits(
                settings.MaxConnections,
                settings.MaxConnectionsPerAddress,
                Reserve = reserve,
                FirstByte = Nullable firstByte,
                IsExempt =
                    Func<IPAddress, bool>(fun address ->
                        settings.TrustedProxies |> List.exists (fun network -> network.Contains address))
            )

        ConnectionLimiter(limits, clock)

    let listen (limiter: ConnectionLimiter) (options: ListenOptions) : unit =
        options.Use(Func<ConnectionDelegate, ConnectionDelegate> limiter.Limit)
        |> ignore

    /// Protects a connection with a request from being closed in favor of another. Reserve connections serve only
    /// essential paths; `refuse` answers the rest.
    let apply (refuse: HttpContext -> Task) (next: RequestDelegate) : RequestDelegate =
        RequestDelegate(fun context ->
            match LimitedConnection.Of context.Features with
            | null -> next.Invoke context
            | connection ->
                task {
                    connection.BeginRequest()

                    try
                        if connection.IsReserve then
                            context.Response.Headers.Connection <- "close"

                        if connection.IsReserve && not (isEssential context.Request) then
                            do! refuse context
                        else
                            do! next.Invoke context
                    finally
                        connection.EndRequest()
                })
