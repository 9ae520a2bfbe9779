namespace Worker.Models;

/// <summary>
/// Shows progress on the console's error stream: one updating line on a terminal, else one line for each tenth.
/// </summary>
public sealed class ConsoleProgress : IProgress<DownloadProgress>
{
    private int shown = -1;

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        var percent = (int)(value.Received * 100 / value.Total);
        var step = Console.IsErrorRedirected ? percent / 10 : percent;
        if (step == shown)
        {
            return;
        }

        shown = step;
        var line = $"{value.Name}: {percent,3} % of {value.Total / 1e6:0.0} MB";
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(line);
        }
        else
        {
            Console.Error.Write(value.Received == value.Total ? $"\r{line}\n" : $"\r{line}");
        }
    }
}
