using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Load.Pictures;
using OpenInference.Grpc;

namespace Load.Targets;

/// <summary>
/// A web node's Open Inference Protocol over gRPC. Asks for the five most probable classes, as HTTP returns them.
/// </summary>
public sealed class GrpcTarget : Target
{
    private const int Classes = 5;

    private readonly TimeSpan timeout;
    private readonly GrpcChannel channel;
    private readonly GRPCInferenceService.GRPCInferenceServiceClient client;
    private readonly ConcurrentDictionary<Picture, ModelInferRequest> requests = new();
    private string? model;

    /// <summary>Creates a target; its path is the model, by default the first one that is ready.</summary>
    public GrpcTarget(Uri target, TimeSpan timeout)
    {
        this.timeout = timeout;
        Name = target.ToString();
        model = target.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : null;
        channel = GrpcChannel.ForAddress(
            $"http://{target.Authority}",
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { UseProxy = false },
                DisposeHttpClient = true,
            });
        client = new(channel);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override async Task<string?> AskAsync(Picture picture)
    {
        try
        {
            model ??= (await client.RepositoryIndexAsync(new RepositoryIndexRequest { Ready = true })).Models[0].Name;
            var request = requests.GetOrAdd(picture, Request);
            await client.ModelInferAsync(request, deadline: DateTime.UtcNow + timeout);
            return null;
        }
        catch (RpcException e)
        {
            return e.StatusCode == StatusCode.DeadlineExceeded ? TimedOut : $"{e.StatusCode}: {e.Status.Detail}";
        }
    }

    /// <inheritdoc/>
    protected override string Advice(string kind) => kind.StartsWith("Unavailable", StringComparison.Ordinal)
        ? "Is the web node running, with gRPC on this port? ./run starts one, on port 8001."
        : "Its log may say why.";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => channel.Dispose();

    private ModelInferRequest Request(Picture picture)
    {
        var input = new ModelInferRequest.Types.InferInputTensor { Name = "image", Datatype = "BYTES", Shape = { 1 } };
        var output = new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "probabilities" };
        output.Parameters["classification"] = new InferParameter { Int64Param = Classes };
        byte[] raw = [.. BitConverter.GetBytes(picture.Bytes.Length), .. picture.Bytes];
        return new ModelInferRequest
        {
            ModelName = model,
            Inputs = { input },
            Outputs = { output },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(raw) },
        };
    }
}
