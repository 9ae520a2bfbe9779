// Run by afl-fuzz (bench/Fuzz/fuzz) with an instrumented Protocol.Core.dll in the process. By hand: `Fuzz --seeds
// FOLDER` writes the initial inputs; without arguments, one input is read from standard input.
using Fuzz;
using SharpFuzz;

if (args is ["--seeds", var folder])
{
    Seeds.Write(folder);
    return;
}

using var target = new Target();
var buffer = new byte[Target.Longest + 1];
Fuzzer.OutOfProcess.Run(stream =>
{
    var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
    _ = target.Run(buffer.AsSpan(0, length));
});
