/// The real client against the real server, with certificates made here.
module internal Tests.Expecto.Hosting.TlsUnderTest

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Configuration
open Protocol.Core
open Tests.Expecto.Worker
open Web.Giraffe
open Worker.Settings

/// A worker on a port of its own; `client` is whose certificates it wants.
let serve (own: PemPair) (client: Authority option) plainPort =
    let files =
        TlsFiles(own.Certificate, own.Key, client |> Option.map _.File |> Option.toObj)

    new ServerUnderTest.Running(ServerUnderTest.standard, 100, TimeSpan.FromSeconds 10.0, files, plainPort)

let noPlainPort = Nullable<int>()

let addressOf (worker: ServerUnderTest.Running) index =
    match WorkerAddress.tryParse worker.Addresses[index] with
    | Ok address -> address
    | Error error -> failwith (AddressError.describe error)

/// The settings of a web node that trusts `authority`, and shows `own`.
let settings (authority: Authority) (own: PemPair option) mode =
    let given =
        [
            "Client:TlsCa", authority.File
            match own with
            | Some own ->
                "Client:TlsCertificate", own.Certificate
                "Client:TlsKey", own.Key
            | None -> ()
        ]

    match Tests.Expecto.Web.GivenSettings.workers given with
    | Ok settings ->
        { settings.Client with
            Mode = mode
            Silence = TimeSpan.FromSeconds 5.0
            Connect = TimeSpan.FromSeconds 5.0
        }
    | Error wrong -> failwith $"{wrong}"

let client authority own mode =
    new WorkerClient(settings authority own mode, TimeProvider.System, ModelDirectory(None, TimeProvider.System))

let askOf (picture: byte[]) (client: WorkerClient) address =
    task {
        if client.Capabilities address = PeerCapabilities.Unknown then
            do! client.Negotiate address

        return!
            client.Send(
                address,
                ReadOnlySequence picture,
                ClassifyOptions.None,
                TimeSpan.FromSeconds 10.0,
                CancellationToken.None
            )
    }

let ask client address =
    askOf (ServerUnderTest.picture.Force()) client address

/// Over a connection of its own, by a client that trusts `authority` and shows `own`.
let askOnce authority own address =
    task {
        use client = client authority own ExchangeMode.Extended
        return! ask client address
    }

let answered outcome =
    match outcome with
    | Succeeded recognition -> Expect.hasLength recognition.Classes 5 "five classes"
    | other -> failtest $"{other}"

/// Stage and cause of the failure, and what its detail says.
let untrusted (detail: string) outcome =
    match outcome with
    | Failed(failure, output) ->
        Expect.equal (Failure.code failure) "connect/untrusted" output
        Expect.stringContains output detail "the detail"
    | other -> failtest $"answered: {other}"

let case name (body: Authority -> Task<unit>) =
    testTask name {
        use authority = new Authority("the operator's authority")
        do! body authority
    }

let here = Server [ "127.0.0.1"; "localhost" ]
