using SharpFuzz;

namespace Scenarios.Bench.Fuzz;

/// <summary>
/// The command <c>fuzz</c>: <c>--seeds FOLDER</c> writes the initial inputs; without arguments, it runs one input from
/// standard input, or all of afl-fuzz's.
/// </summary>
internal static class FuzzCommand
{
    public static void Run(string[] arguments)
    {
        if (arguments is ["--seeds", var folder])
        {
            FuzzSeeds.Write(folder);
            return;
        }

        var buffer = new byte[FuzzTarget.Longest + 1];
        Fuzzer.OutOfProcess.Run(stream =>
        {
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            _ = FuzzTarget.Run(buffer.AsMemory(0, length));
        });
    }
}
