using System.Net;
using System.Net.Http.Headers;

namespace Worker.Models;

/// <summary>The progress of a download.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Received">Bytes so far, those of an earlier attempt included.</param>
/// <param name="Total">Bytes in all.</param>
public readonly record struct DownloadProgress(string Name, long Received, long Total);

/// <summary>The retry policy of a download.</summary>
/// <param name="Tries">Consecutive attempts without progress; an attempt with progress resets the count.</param>
/// <param name="FirstPause">The delay before the second attempt; it doubles each time.</param>
/// <param name="Stall">An attempt ends if no data arrives for this long.</param>
public sealed record DownloadPolicy(int Tries, TimeSpan FirstPause, TimeSpan Stall)
{
    /// <summary>4 attempts, delays of 0.5, 1 and 2 s, 30 s without data.</summary>
    public static DownloadPolicy Standard { get; } = new(4, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));
}

/// <summary>
/// Downloads one file over HTTP into a <c>.part</c> file, which a later attempt or process continues.
/// </summary>
internal sealed class Download(
    HttpClient http, DownloadPolicy policy, TimeProvider clock, IProgress<DownloadProgress> progress)
{
    private enum Step
    {
        Complete,
        Again,
        Hopeless,
    }

    /// <summary>Returns null when <paramref name="part"/> has all bytes, not yet verified; else the error.</summary>
    public async Task<string?> FetchAsync(ModelFile file, Uri source, string part, CancellationToken cancel)
    {
        var fruitless = 0;
        var furthest = Length(part);
        while (true)
        {
            var (step, reason) = await TryAsync(file, source, part, cancel);
            var now = Length(part);
            fruitless = now > furthest ? 1 : fruitless + 1;
            furthest = Math.Max(furthest, now);
            if (step == Step.Complete)
            {
                return null;
            }

            if (step == Step.Hopeless || fruitless >= policy.Tries)
            {
                return reason;
            }

            await Task.Delay(policy.FirstPause * Math.Pow(2, fruitless - 1), clock, cancel);
        }
    }

    private async Task<(Step Step, string Reason)> TryAsync(
        ModelFile file, Uri source, string part, CancellationToken cancel)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(policy.Stall);
        try
        {
            var have = Length(part);
            if (have == file.Bytes)
            {
                return (Step.Complete, "");
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, source);
            request.Headers.Range = have > 0 && have < file.Bytes ? new RangeHeaderValue(have, null) : null;
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            if (!response.IsSuccessStatusCode)
            {
                return Refused(response, source, part);
            }

            var resumed = response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange is { From: { } from } && from == have;
            await using var target = Open(part, resumed);
            await using var body = await response.Content.ReadAsStreamAsync(stall.Token);
            return await CopyAsync(body, target, file, source, stall);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Broken($"nothing came for {policy.Stall.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Broken(e.GetBaseException().Message);
        }
        catch (UnauthorizedAccessException e)
        {
            return (Step.Hopeless, e.Message);
        }

        (Step Step, string Reason) Broken(string why) =>
            (Step.Again, $"{source} broke off at {Length(part)} of {file.Bytes} bytes: {why}");
    }

    /// <summary>
    /// Opens the part to append to it, or creates a new one. Symbolic links are not followed, so that a user with write
    /// access to the folder can't redirect the download to another file.
    /// </summary>
    private static FileStream Open(string part, bool resumed)
    {
        if (resumed)
        {
            return new FileStream(part, FileMode.Append, FileAccess.Write, FileShare.Read);
        }

        File.Delete(part);
        return new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }

    private async Task<(Step Step, string Reason)> CopyAsync(
        Stream body, FileStream target, ModelFile file, Uri source, CancellationTokenSource stall)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            stall.CancelAfter(policy.Stall);
            var read = await body.ReadAsync(buffer, stall.Token);
            if (read == 0)
            {
                return target.Length == file.Bytes
                    ? (Step.Complete, "")
                    : (Step.Again, $"{source} ended at {target.Length} of {file.Bytes} bytes");
            }

            if (target.Length + read > file.Bytes)
            {
                target.SetLength(0);
                return (Step.Hopeless, $"{source} is altered: it has more than {file.Bytes} bytes");
            }

            target.Write(buffer, 0, read);
            progress.Report(new DownloadProgress(file.Name, target.Length, file.Bytes));
        }
    }

    private static (Step Step, string Reason) Refused(HttpResponseMessage response, Uri source, string part)
    {
        var reason = $"{source} answers {(int)response.StatusCode} {response.ReasonPhrase}";
        switch (response.StatusCode)
        {
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                File.Delete(part);
                return (Step.Again, reason);
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests:
            case >= HttpStatusCode.InternalServerError:
                return (Step.Again, reason);
            default:
                return (Step.Hopeless, reason);
        }
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null } file ? file.Length : 0;
}
