using System.Globalization;
using Bench.Load;
using Bench.Nodes;
using Web.Giraffe;
using Wire.Peers;

namespace Scale;

/// <summary>The service times of a lane for a picture.</summary>
internal static class ServiceTimes
{
    private const int Rounds = 20;
    private const double Millisecond = .001;

    /// <summary>
    /// Measures decoding and inference as a real worker reports them, in seconds, for every picture of the gallery, one
    /// at a time.
    /// </summary>
    public static async Task<IReadOnlyList<double>> MeasureAsync()
    {
        using var worker = new WorkerNode(Place.Here);
        await worker.StartAsync();
        var pictures = await Gallery.ReadAsync(Place.Here, worker);
        using var asker = new Asker(worker.EndPoint, ExchangeMode.Extended);
        var times = new List<double>();
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var picture in pictures)
            {
                var said = await asker.RecognizeAsync(picture);
                if (round >= 0)
                {
                    times.Add(said.Times.Where(time => time.Stage != "queue").Sum(time => time.Milliseconds) * Millisecond);
                }
            }
        }

        return times;
    }

    /// <summary>Describes the times in one sentence.</summary>
    public static string Describe(IReadOnlyList<double> times) => string.Create(
        CultureInfo.InvariantCulture,
        $"A lane takes {times.Average() / Millisecond:0.0} ms for a picture on average ({times.Min() / Millisecond:0.0} to {times.Max() / Millisecond:0.0} ms, {times.Count} measurements): {1 / times.Average():N0} pictures a second and lane.");

    /// <summary>
    /// Parses <c>--service</c>: milliseconds, separated by commas; returns null if the text is invalid.
    /// </summary>
    public static IReadOnlyList<double>? Read(string text)
    {
        var parts = text.Split(',');
        var times = parts
            .Select(part => double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value * Millisecond : 0)
            .ToList();
        return times.TrueForAll(time => time > 0) ? times : null;
    }
}
