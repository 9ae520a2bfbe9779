using Microsoft.ML.OnnxRuntime;

namespace Micro.Goals;

/// <summary>One way to run the network over many pictures.</summary>
/// <param name="Name">For tables.</param>
/// <param name="File">The network's, which leaves the number of pictures in one run open.</param>
/// <param name="Batch">Pictures in one run.</param>
/// <param name="Lanes">Runs side by side.</param>
/// <param name="Threads">Of one run.</param>
/// <param name="Spins">Threads that have nothing to do wait awake.</param>
internal sealed record Runner(string Name, string File, int Batch, int Lanes, int Threads, bool Spins) : IDisposable
{
    private readonly RunOptions run = new();
    private readonly InferenceSession session = Load(File, Threads, Spins);
    private OrtIoBinding[]? bindings;

    /// <summary>Returns when <paramref name="pictures"/> are done, a multiple of <c>Batch · Lanes</c>.</summary>
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

    /// <summary>Input and output stay where they are, as in the worker's lanes.</summary>
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
