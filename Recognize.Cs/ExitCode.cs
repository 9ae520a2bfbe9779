namespace Recognize;

/// <summary>What the process says to a script, as <c>docs/cli.md</c> lists it.</summary>
internal static class ExitCode
{
    /// <summary>Every picture was named.</summary>
    public const int Success = 0;

    /// <summary>Nobody names pictures here: no model, or no server that answers or lets the caller in.</summary>
    public const int Failure = 1;

    /// <summary>It was not told rightly what to do.</summary>
    public const int Usage = 2;

    /// <summary>At least one picture was not named, and the others were.</summary>
    public const int Partly = 3;

    /// <summary>Ctrl-C, or a signal: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
