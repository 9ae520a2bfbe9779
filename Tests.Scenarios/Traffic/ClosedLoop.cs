using System.Diagnostics;
using System.Text.Json;
using Protocol.Core;

namespace Scenarios.Traffic;

/// <summary>
/// Clients that send the next request as soon as they have an answer. Client i begins with picture i, so the load is
/// mixed and the same in every run.
/// </summary>
/// <param name="client">The client that sends the requests.</param>
/// <param name="pictures">The pictures, at least one.</param>
/// <param name="where">Returns the web node for the next request.</param>
public sealed class ClosedLoop(HttpClient client, IReadOnlyList<LabelledPicture> pictures, Func<Uri> where)
{
    private readonly Lock gate = new();
    private readonly List<TimeSpan> latencies = [];
    private readonly List<string> failures = [];
    private readonly List<string> wrong = [];
    private Task[] current = [];
    private int retried;

    /// <summary>The number of right answers so far.</summary>
    public int Answers
    {
        get
        {
            lock (gate)
            {
                return latencies.Count;
            }
        }
    }

    /// <summary>Runs this many clients until <paramref name="stop"/>, then waits for the in-flight requests.</summary>
    public Task<LoadFigures> RunAsync(int clients, CancellationToken stop) => RunAsync(clients, int.MaxValue, stop);

    /// <summary>Waits until the requests that are in flight now have ended.</summary>
    public Task InFlightAsync() => Task.WhenAll(current);

    /// <summary>Runs one client that sends this many requests.</summary>
    public Task<LoadFigures> RunAsync(int requests) => RunAsync(1, requests, CancellationToken.None);

    private async Task<LoadFigures> RunAsync(int clients, int requests, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        current = [.. Enumerable.Repeat(Task.CompletedTask, clients)];
        await Task.WhenAll(
            Enumerable.Range(0, clients).Select(
                number => Task.Run(() => AskOnAsync(number, requests, clock, stop), CancellationToken.None)));
        latencies.Sort();
        return new LoadFigures(clock.Elapsed, latencies, failures, wrong, retried);
    }

    private async Task AskOnAsync(int number, int requests, Stopwatch clock, CancellationToken stop)
    {
        for (var next = number; next - number < requests && !stop.IsCancellationRequested; next++)
        {
            var picture = pictures[next % pictures.Count];
            var began = clock.Elapsed;
            var asking = AskAsync(picture);
            current[number] = asking;
            var (failure, answer) = await asking;
            var took = clock.Elapsed - began;
            lock (gate)
            {
                retried += answer is { Attempts: > 1 } ? 1 : 0;
                if (failure is not null)
                {
                    failures.Add(
                        $"{picture.Name} at {began.TotalSeconds:F1} s, after {took.TotalSeconds:F1} s: {failure}");
                }
                else if (!picture.IsRight(answer!.Predictions))
                {
                    wrong.Add($"{picture.Name} at {began.TotalSeconds:F1} s: {string.Join(", ", answer.Predictions)}");
                }
                else
                {
                    latencies.Add(took);
                }
            }
        }
    }

    private async Task<(string? Failure, Answer? Answer)> AskAsync(LabelledPicture picture)
    {
        try
        {
            using var body = new ReadOnlyMemoryContent(picture.Bytes);
            using var response = await client.PostAsync(new Uri(where(), "api/classify"), body);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? (null, Answer.Read(text))
                : ($"{(int)response.StatusCode} {text}", null);
        }
        catch (Exception e) when (
            e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return ($"{e.Message} {e.InnerException?.Message}", null);
        }
    }

    private sealed record Answer(int Attempts, IReadOnlyList<Prediction> Predictions)
    {
        public static Answer Read(string json)
        {
            using var document = JsonDocument.Parse(json);
            var predictions = document.RootElement.GetProperty("predictions").EnumerateArray().Select(one =>
                new Prediction(one.GetProperty("label").GetString()!, one.GetProperty("probability").GetDouble()));
            return new Answer(document.RootElement.GetProperty("attempts").GetInt32(), [.. predictions]);
        }
    }
}
