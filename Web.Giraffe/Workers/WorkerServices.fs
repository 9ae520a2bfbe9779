namespace Web.Giraffe

open System
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.DependencyInjection.Extensions
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// Registers the services of the web node's workers half.
[<RequireQualifiedAccess>]
module WorkerServices =

    let private workerList (settings: WorkersSettings) (services: IServiceProvider) =
        let time = services.GetRequiredService<TimeProvider>()

        let list =
            WorkerPool(
                settings.Policy,
                settings.Queue,
                time,
                Random.Shared.NextDouble,
                services.GetRequiredService<ILogger<WorkerPool>>()
            )

        let registry: IWorkerStore voption =
            match settings.Redis, settings.Registry with
            | Some _, _ -> ValueSome(services.GetRequiredService<RedisRegistry>())
            | None, Some path ->
                ValueSome(FileWorkerStore(path, time, services.GetRequiredService<ILogger<FileWorkerStore>>()))
            | None, None -> ValueNone

        match registry with
        | ValueSome registry -> registry.Attach(list, settings.Workers)
        | ValueNone ->
            for address in settings.Workers do
                (list :> IWorkerList).Add address |> ignore

        list

    let private workerClient (settings: WorkersSettings) (services: IServiceProvider) =
        let log = services.GetRequiredService<ILogger<WorkerClient>>()
        let logRenewal = Action<_>(WorkersLog.tlsRenewed log)
        settings.Client.Tls.TrustStore.add_Renewed logRenewal

        settings.Client.Tls.TlsCertificate
        |> Option.iter (fun identity -> identity.add_Renewed logRenewal)

        new WorkerClient(
            settings.Client,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ModelDirectory>()
        )

    /// Registers the services that fill the list before the first checks.
    let private addSources (settings: WorkersSettings) (services: IServiceCollection) =
        match settings.Redis with
        | Some redis ->
            services
                .AddSingleton<RedisRegistry>(fun services ->
                    // The registry starts when the list attaches it.
                    new RedisRegistry(
                        redis,
                        settings.Client.Allowed,
                        WorkersSettings.freshness settings,
                        services.GetRequiredService<TimeProvider>(),
                        services.GetRequiredService<ILogger<RedisRegistry>>()
                    ))
                .AddHostedService<RedisRegistry>(fun services ->
                    services.GetRequiredService<WorkerPool>() |> ignore
                    services.GetRequiredService<RedisRegistry>())
            |> ignore
        | None -> ()

        if not settings.Names.IsEmpty then
            services.AddHostedService<DnsDiscovery>() |> ignore

    /// Registers `IRecognizer`, `IWorkerList`, `IWorkerProbe` and the health checks.
    let add (settings: WorkersSettings) (services: IServiceCollection) =
        services.TryAddSingleton TimeProvider.System
        addSources settings services

        services
            .AddSingleton(settings)
            .AddSingleton<WorkerPool>(workerList settings)
            .AddSingleton<IWorkerList>(fun services -> services.GetRequiredService<WorkerPool>() :> IWorkerList)
            .AddSingleton<ModelDirectory>(fun services ->
                ModelDirectory(settings.Model, services.GetRequiredService<TimeProvider>()))
            .AddSingleton<WorkerClient>(workerClient settings)
            .AddSingleton<IRecognizer, Dispatcher>()
            .AddHostedService<NegotiationService>()
            .AddSingleton<HealthChecks>()
            .AddSingleton<IWorkerProbe>(fun services -> services.GetRequiredService<HealthChecks>() :> IWorkerProbe)
            .AddHostedService<HealthChecks>(fun services -> services.GetRequiredService<HealthChecks>())
            .AddHostedService<WorkersGauges>()
            .AddHostedService<NodeGauges>(fun services ->
                let redis =
                    settings.Redis
                    |> Option.map (fun _ -> services.GetRequiredService<RedisRegistry>())

                new NodeGauges(settings.Client.Tls, redis |> Option.map (fun redis -> fun () -> redis.IsUp)))
        |> ignore
