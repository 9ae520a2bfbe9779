using System.Net;

namespace Worker.Models;

/// <summary>The progress of a download.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Received">Bytes so far; every attempt starts from 0.</param>
/// <param name="Total">Bytes in all.</param>
public readonly record struct DownloadProgress(string Name, long Received, long Total);

/// <summary>The retry policy of a download.</summary>
/// <param name="Tries">Attempts in all.</param>
/// <param name="FirstPause">The delay before the second attempt; it doubles each time.</param>
/// <param name="Stall">An attempt ends if no data arrives for this long.</param>
public sealed record DownloadPolicy(int Tries, TimeSpan FirstPause, TimeSpan Stall)
{
    /// <summary>4 attempts, delays of 0.5, 1 and 2 s, 30 s without data.</summary>
    public static DownloadPolicy Standard { get; } = new(4, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));
}

/// <summary>
/// Downloads one file over HTTP. It is renamed once it is complete and its checksum is correct; until then, its bytes
/// are in a <c>.part</c> file, which is deleted when the download ends.
/// </summary>
internal sealed class Download(
    HttpClient http, DownloadPolicy policy, TimeProvider clock, IProgress<DownloadProgress> progress)
{
    /// <summary>Returns null when <paramref name="path"/> is the verified file; else the error.</summary>
    public async Task<string?> FetchAsync(ModelFile file, Uri source, string path, CancellationToken cancel)
    {
        var part = path + ".part";
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var (error, isTransient) = await TryAsync(file, source, part, cancel);
                if (error is null)
                {
                    File.Move(part, path, overwrite: true);
                    return null;
                }

                if (!isTransient || attempt == policy.Tries)
                {
                    return error;
                }

                await Task.Delay(policy.FirstPause * Math.Pow(2, attempt - 1), clock, cancel);
            }
        }
        finally
        {
            File.Delete(part);
        }
    }

    private async Task<(string? Error, bool IsTransient)> TryAsync(
        ModelFile file, Uri source, string part, CancellationToken cancel)
    {
        var received = 0L;
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(policy.Stall);
        try
        {
            using var response = await http.GetAsync(source, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            if (!response.IsSuccessStatusCode)
            {
                var answer = $"{source} answers {(int)response.StatusCode} {response.ReasonPhrase}";
                return (answer, IsTransient(response.StatusCode));
            }

            await using var body = await response.Content.ReadAsStreamAsync(stall.Token);
            await using (var target = Create(part))
            {
                var buffer = new byte[1 << 16];
                int read;
                while ((read = await body.ReadAsync(buffer, stall.Token)) > 0)
                {
                    received += read;
                    if (received > file.Bytes)
                    {
                        return ($"{source} is altered: it has more than {file.Bytes} bytes", false);
                    }

                    await target.WriteAsync(buffer.AsMemory(0, read), cancel);
                    progress.Report(new DownloadProgress(file.Name, received, file.Bytes));
                    stall.CancelAfter(policy.Stall);
                }
            }

            if (received < file.Bytes)
            {
                return ($"{source} ended at {received} of {file.Bytes} bytes", true);
            }

            var error = await FileCheck.ValidateAsync(part, file, cancel);
            return (error is null ? null : $"{file.Name} from {source} {error}", false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Broken($"nothing came for {policy.Stall.TotalSeconds:0.#} s"), true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Broken(e.GetBaseException().Message), true);
        }

        string Broken(string why) => $"{source} broke off at {received} of {file.Bytes} bytes: {why}";
    }

    /// <summary>
    /// Creates the part anew. A symbolic link in its place is not followed, so that a user with write access to the
    /// folder can't redirect the download to another file.
    /// </summary>
    private static FileStream Create(string part)
    {
        File.Delete(part);
        return new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            or >= HttpStatusCode.InternalServerError;
}
