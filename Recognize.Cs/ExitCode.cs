namespace Recognize;

/// <summary>The exit codes of the process, as <c>docs/cli.md</c> lists them.</summary>
internal static class ExitCode
{
    /// <summary>Every picture was classified.</summary>
    public const int Success = 0;

    /// <summary>No classification is possible: no model, or the server is unreachable or denies access.</summary>
    public const int Failure = 1;

    /// <summary>The configuration is invalid.</summary>
    public const int Usage = 2;

    /// <summary>At least one picture was not classified; the others were.</summary>
    public const int Partly = 3;

    /// <summary>Interrupted by Ctrl-C or a signal: 128 plus the number of SIGINT, as in shells.</summary>
    public const int Interrupted = 130;
}
