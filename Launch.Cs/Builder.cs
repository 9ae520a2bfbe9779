using System.Diagnostics;

namespace Launch;

/// <summary>Builds the projects of the repository with the SDK.</summary>
internal static class Builder
{
    /// <summary>
    /// Runs <c>dotnet</c> with <paramref name="arguments"/> and returns whether it succeeded. Prints its output only on
    /// failure. Cancellation kills it.
    /// </summary>
    public static async Task<bool> RunAsync(string title, string arguments, CancellationToken stop)
    {
        Console.WriteLine($"{title} ...");
        // Disables build servers, which would outlive this program.
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" },
        };
        using var build = Process.Start(start)!;
        try
        {
            var output = build.StandardOutput.ReadToEndAsync(stop);
            var errors = build.StandardError.ReadToEndAsync(stop);
            await build.WaitForExitAsync(stop);
            if (build.ExitCode == 0)
            {
                return true;
            }

            await Console.Error.WriteAsync(await output + await errors);
            await Console.Error.WriteLineAsync($"{title} failed, with exit code {build.ExitCode}: see above.");
            return false;
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }
    }
}
