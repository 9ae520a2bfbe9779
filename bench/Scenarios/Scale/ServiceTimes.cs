using Scenarios.Nodes;
using Scenarios.Traffic;
using Web.Giraffe;

namespace Scenarios.Bench.Scale;

/// <summary>The service times of an executor for a picture, in seconds.</summary>
internal static class ServiceTimes
{
    private const int Rounds = 20;

    /// <summary>
    /// Measures decoding and inference as a real worker reports them, for every labelled picture, one at a time.
    /// </summary>
    public static async Task<double[]> MeasureAsync()
    {
        using var worker = new WorkerNode(Place.Here);
        await worker.StartAsync();
        var pictures = await LabelledPictures.ReadAsync(Place.Here, worker);
        using var client = new SingleWorkerClient(worker.EndPoint, ExchangeMode.Extended);
        var times = new List<double>();
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var picture in pictures)
            {
                var answer = await client.RecognizeAsync(picture);
                if (round >= 0)
                {
                    times.Add(answer.Times.Where(time => time.Stage != "queue").Sum(time => time.Milliseconds) / 1000);
                }
            }
        }

        return [.. times];
    }

    /// <summary>Describes the times in one sentence.</summary>
    public static string Describe(double[] times) =>
        $"An executor takes {times.Average() * 1000:0.0} ms for a picture on average ({times.Min() * 1000:0.0} "
            + $"to {times.Max() * 1000:0.0} ms, {times.Length} measurements): {1 / times.Average():N0} pictures a "
            + "second and executor.";
}
