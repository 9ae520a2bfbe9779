using Microsoft.ML.OnnxRuntime;

namespace Micro.Goals;

/// <summary>A way to run the network over many pictures.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="File">The network's file, with a variable number of pictures per run.</param>
/// <param name="Batch">The number of pictures per run.</param>
/// <param name="Lanes">The number of parallel runs.</param>
/// <param name="Threads">The number of threads per run.</param>
/// <param name="Spins">Whether idle threads spin.</param>
internal sealed record Runner(string Name, string File, int Batch, int Lanes, int Threads, bool Spins) : IDisposable
{
    private readonly RunOptions run = new();
    private readonly InferenceSession session = Load(File, Threads, Spins);
    private OrtIoBinding[]? bindings;

    /// <summary>
    /// Runs <paramref name="pictures"/>, a multiple of <c>Batch · Lanes</c>; returns when all are done.
    /// </summary>
    public void Run(int pictures)
    {
        bindings ??= [.. Enumerable.Range(0, Lanes).Select(_ => Bind())];
        var runs = pictures / (Batch * Lanes);
        Task.WaitAll([.. bindings.Select(binding => Task.Run(() =>
        {
            for (var i = 0; i < runs; i++)
            {
                session.RunWithBinding(run, binding);
            }
        }))]);
    }

    public void Dispose()
    {
        foreach (var binding in bindings ?? [])
        {
            binding.Dispose();
        }

        session.Dispose();
        run.Dispose();
    }

    private static InferenceSession Load(string file, int threads, bool spins)
    {
        using var options = Worker.Inference.Network.Options(threads, spins);
        return new InferenceSession(file, options);
    }

    /// <summary>Holds fixed buffers for input and output, as in the worker's lanes.</summary>
    private OrtIoBinding Bind()
    {
        var binding = session.CreateIoBinding();
        var (input, output) = (session.InputMetadata.Single(), session.OutputMetadata.Single());
        binding.BindInput(input.Key, Value(input.Value));
        binding.BindOutput(output.Key, Value(output.Value));
        return binding;
    }

    private OrtValue Value(NodeMetadata port)
    {
        long[] shape = [Batch, .. port.Dimensions.Skip(1).Select(size => (long)size)];
        var length = shape.Aggregate(1L, (product, size) => product * size);
        return OrtValue.CreateTensorValueFromMemory(GC.AllocateArray<float>((int)length, pinned: true), shape);
    }
}
