using System.CommandLine;

namespace Recognize.Settings;

/// <summary>Sets actions that Ctrl-C or a signal ends with the exit code of an interruption.</summary>
internal static class InterruptibleAction
{
    /// <summary>Sets the command's action, whose token is cancelled by the interruption.</summary>
    public static void SetInterruptibleAction(
        this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                return await action(parsed, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });
}
