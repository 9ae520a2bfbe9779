using Scenarios.Nodes;
using Scenarios.Traffic;

namespace Scenarios.Wire;

/// <summary>The worker under test and its pictures.</summary>
internal sealed class WorkerUnderTest : IDisposable
{
    private WorkerUnderTest(WorkerNode worker, IReadOnlyList<LabelledPicture> pictures) =>
        (Worker, Pictures) = (worker, pictures);

    /// <summary>A real worker, as a process with its standard settings.</summary>
    public WorkerNode Worker { get; }

    /// <summary>The pictures with their right answers.</summary>
    public IReadOnlyList<LabelledPicture> Pictures { get; }

    /// <summary>A photograph of 661,378 bytes; the largest sample if the photographs are missing.</summary>
    public LabelledPicture Picture =>
        Pictures.FirstOrDefault(picture => picture.Name == "dog.jpg")
            ?? Pictures.MaxBy(picture => picture.Bytes.Length)!;

    public static async Task<WorkerUnderTest> StartAsync()
    {
        var worker = new WorkerNode(Place.Here);
        try
        {
            await worker.StartAsync();
            return new WorkerUnderTest(worker, await LabelledPictures.ReadAsync(Place.Here, worker));
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    public string Describe() => $"{Picture.Name}, {Picture.Bytes.Length:N0} bytes";

    public void Dispose() => Worker.Dispose();
}
