using System.Diagnostics;

namespace Scenarios.Nodes;

/// <summary>The program <c>ip</c> of Debian's iproute2.</summary>
public static class Ip
{
    /// <summary>The reason why it can't be used here; null if it can.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "network namespaces need Linux";
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return "network namespaces need root";
        }

        try
        {
            Run("netns", "list");
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "the program ip is missing (Debian's package iproute2)";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    /// <summary>Runs it and returns its output.</summary>
    /// <exception cref="InvalidOperationException">It fails; the message contains its output.</exception>
    public static string Run(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {errors.Result.Trim()}");
    }
}
